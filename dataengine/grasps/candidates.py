"""Hand poses at which an open jaw stands free around an asset in one of its stable poses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import Asset, StablePose
from assets_index.robot import JawGeometry
from assets_index.transforms import Array, rotation_from_quaternion
from dataengine.grasps.antipodal import ContactPairs, sample_pairs
from dataengine.grasps.clearance import jaw_hits_points, lowest_corner
from dataengine.grasps.settings import GraspSettings
from dataengine.grasps.solid import Solid

TILTS = np.radians([0.0, 20.0, -20.0, 40.0, -40.0])
"""Turns of the approach about the closing axis, away from straight down."""

HAND_MARGIN = 0.003
FINGER_SLACK = 0.004
"""How much deeper than the contact points the surface may bulge between the fingers: the fingers find it on closing."""


@dataclass(frozen=True)
class Candidates:
    """Hand poses in the asset frame.

    Attributes:
        tcp: (G, 4, 4).
        width, quality: (G,).
        contacts: (G, 2, 3).
        score: (G,) greater is better, to be compared within one stable pose.
    """

    tcp: Array
    width: Array
    quality: Array
    contacts: Array
    score: Array

    def __len__(self) -> int:
        return len(self.width)

    def take(self, index: NDArray[np.intp]) -> Candidates:
        """A selection."""
        return Candidates(
            self.tcp[index], self.width[index], self.quality[index], self.contacts[index], self.score[index]
        )


def candidates(
    asset: Asset, solid: Solid, jaw: JawGeometry, settings: GraspSettings, rng: np.random.Generator
) -> list[Candidates]:
    """Free hand poses for each of the asset's stable poses, a diverse choice of the best."""
    pairs = sample_pairs(solid, settings.rays, rng, friction=settings.friction, width=settings.width)
    surface = solid.sample(settings.surface_points, rng)[0]
    poses = sorted(asset.stable_poses, key=lambda pose: (not pose.upright, -pose.probability))
    return [_for_pose(asset, pose, pairs, surface, jaw, settings, rng) for pose in poses[: settings.stable_poses]]


def _for_pose(
    asset: Asset,
    pose: StablePose,
    pairs: ContactPairs,
    surface: Array,
    jaw: JawGeometry,
    settings: GraspSettings,
    rng: np.random.Generator,
) -> Candidates:
    up = rotation_from_quaternion(pose.quaternion)[2]
    made = _approaches(pairs, up, settings, rng)
    made = made.take(np.flatnonzero(lowest_corner(made.tcp, up, jaw) > settings.support_clearance - pose.height))
    made = _scored(made, up, asset)
    best = np.argsort(-made.score, kind="stable")[: settings.screened]
    made = made.take(best)
    hits = jaw_hits_points(made.tcp, made.width, surface, jaw, margin=HAND_MARGIN, slack=FINGER_SLACK)
    made = made.take(np.flatnonzero(~hits))
    return made.take(diverse(made, settings.tested_upright if pose.upright else settings.tested))


def _approaches(pairs: ContactPairs, up: Array, settings: GraspSettings, rng: np.random.Generator) -> Candidates:
    """Several approach directions from above, and two depths, for each pair whose closing axis is not too steep."""
    level = np.flatnonzero(np.abs(pairs.axis @ up) < np.sin(settings.steepest_axis))
    pairs = pairs.take(rng.permutation(level)[: settings.pairs])
    axis = pairs.axis
    down = -(up - (axis @ up)[:, None] * axis)
    down /= np.linalg.norm(down, axis=1, keepdims=True)
    side = np.cross(axis, down)
    tilt = TILTS + rng.uniform(-0.15, 0.15, (len(pairs), len(TILTS)))
    approach = np.cos(tilt)[..., None] * down[:, None] + np.sin(tilt)[..., None] * side[:, None]
    middle = (pairs.first + pairs.second) / 2
    tcp = np.zeros((len(pairs), len(TILTS), len(settings.depths), 4, 4))
    tcp[..., :3, 0] = np.cross(axis[:, None], approach)[:, :, None]
    tcp[..., :3, 1] = axis[:, None, None]
    tcp[..., :3, 2] = approach[:, :, None]
    tcp[..., :3, 3] = middle[:, None, None] + np.array(settings.depths)[:, None] * approach[:, :, None]
    tcp[..., 3, 3] = 1.0
    repeats = len(TILTS) * len(settings.depths)
    contacts = np.stack([pairs.first, pairs.second], 1)
    return Candidates(
        tcp.reshape(-1, 4, 4),
        np.repeat(pairs.width, repeats),
        np.repeat(pairs.quality, repeats),
        np.repeat(contacts, repeats, 0),
        np.zeros(len(pairs) * repeats),
    )


def _scored(made: Candidates, up: Array, asset: Asset) -> Candidates:
    """Prefer good contact angles, a centre of mass between the fingers, and an approach from above."""
    lever = np.linalg.norm(np.cross(made.tcp[:, :3, 3] - asset.center_of_mass, made.tcp[:, :3, 2]), axis=1)
    steepness = -made.tcp[:, :3, 2] @ up
    score = 2.0 * made.quality - 10.0 * lever + 0.5 * steepness
    return Candidates(made.tcp, made.width, made.quality, made.contacts, score)


def diverse(made: Candidates, count: int) -> NDArray[np.intp]:
    """Indices of `count` poses that are good and unlike each other (farthest-point choice)."""
    if len(made) <= count:
        return np.arange(len(made))
    feature = np.concatenate(
        [made.tcp[:, :3, 3] / 0.02, made.tcp[:, :3, 2] / 0.5, _unsigned(made.tcp[:, :3, 1]) / 0.5], axis=1
    )
    chosen = [int(np.argmax(made.score))]
    distance = np.full(len(made), np.inf)
    span = np.ptp(made.score) or 1.0
    merit = 0.3 + (made.score - made.score.min()) / span
    while len(chosen) < count:
        distance = np.minimum(distance, np.linalg.norm(feature - feature[chosen[-1]], axis=1))
        chosen.append(int(np.argmax(distance * merit)))
    return np.array(chosen)


def _unsigned(axis: Array) -> Array:
    """Closing axes without their sign, as the six entries of their outer product."""
    row, column = np.triu_indices(3)
    return axis[:, row] * axis[:, column]
