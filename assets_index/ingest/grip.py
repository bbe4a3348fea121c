"""Whether a parallel jaw could hold a thing at all: a cheap test before it enters the index."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets_index.asset import StablePose
from assets_index.rays import first_hits, scene_of
from assets_index.transforms import Array, rotation_from_quaternion

MAX_WIDTH = 0.075
MIN_WIDTH = 0.0015
_OPENED = MAX_WIDTH + 0.005
_LEVEL = 0.5  # largest |z| of the closing direction: the hand comes from above
_OPPOSED = 0.9  # cosine between the pressing direction and the far face
_SHARE = 0.004  # of the surface that must be pressable so


def graspable(corners: Array, poses: Sequence[StablePose]) -> bool:
    """Whether some of the surface (F, 3, 3) has a parallel face within the jaw, across a level direction.

    It is enough if that holds in one of its stable poses.
    """
    center = corners.mean(1)
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = 0.5 * np.linalg.norm(cross, axis=1)
    normal = cross / (2 * area[:, None])
    # The other finger comes from a jaw's width away and meets the far side's outside first, however hollow the thing.
    distance, far = first_hits(scene_of(corners), center - _OPENED * normal, normal)
    width = _OPENED - distance
    opposed = np.abs(np.einsum("ij,ij->i", far, normal)) > _OPPOSED
    pressable = opposed & (width > MIN_WIDTH) & (width < MAX_WIDTH)
    for pose in poses:
        rise = normal @ rotation_from_quaternion(pose.quaternion)[2]
        if area[pressable & (np.abs(rise) < _LEVEL)].sum() > _SHARE * area.sum():
            return True
    return False
