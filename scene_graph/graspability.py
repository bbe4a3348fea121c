"""What task synthesis asks of a hand: can it take a thing that lies in a certain way?"""

from __future__ import annotations

from typing import Protocol

from assets_index.asset import Asset
from scene_graph.stance import Orientation, standing_poses


class Graspability(Protocol):
    """Which stable poses of an asset leave a hand a grasp; the engine's labels of grasps are one."""

    def __call__(self, asset: Asset) -> tuple[int, ...]:
        """Indices into `asset.stable_poses`, ascending; empty if the hand cannot take the asset at all."""
        ...


def graspable_orientation(asset: Asset, orientation: Orientation, graspable: Graspability) -> Orientation | None:
    """What is left of an orientation when the poses in which the asset cannot be grasped are taken out.

    Returns:
        The orientation itself if nothing had to be taken out; None if nothing is left.
    """
    allowed = [asset.stable_poses.index(pose) for pose in standing_poses(asset, orientation)]
    possible = set(graspable(asset))
    left = tuple(index for index in allowed if index in possible)
    return orientation if len(left) == len(allowed) else left or None
