"""Stable poses: how a rigid body can come to rest on a level plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from scipy.spatial.transform import Rotation

from assets_index.asset import StablePose
from assets_index.mass import hull_faces
from assets_index.transforms import Array

MIN_PROBABILITY = 0.02
MIN_TILT = np.radians(4.0)  # how far a body must be tilted before it falls over; less is no rest in a moving world
UPRIGHT_COSINE = np.cos(np.radians(5.0))
CONTACT_DEPTH = 5e-4  # vertices this close to the lowest one touch the plane


def stable_poses(hulls: Sequence[Array], center_of_mass: Array) -> tuple[StablePose, ...]:
    """Stable poses of a body, most probable first.

    Quasi-static probabilities after Goldberg et al., "Part pose statistics" (1999), as trimesh computes them. Kept are
    poses with a probability above 2 % or with z up, unless less than 4 degrees of tilt would topple them.

    Args:
        hulls: collision hulls in the asset frame, each (N, 3).
        center_of_mass: in the asset frame, (3,).
    """
    import trimesh  # half a second that reading an index need not pay
    from trimesh.poses import compute_stable_poses

    vertices = np.concatenate(hulls)
    hull = trimesh.Trimesh(vertices, hull_faces(vertices), process=True)
    transforms, probabilities = compute_stable_poses(hull, center_of_mass, n_samples=1, seed=0)
    poses = []
    for up, probability in _distinct(transforms[:, 2, :3], probabilities):
        rotation = _rotation_to_vertical(up)
        height, tilt = _rest(vertices @ rotation.T, rotation @ center_of_mass)
        upright = bool(up[2] > UPRIGHT_COSINE)
        if tilt < MIN_TILT or (probability < MIN_PROBABILITY and not upright):
            continue
        poses.append(_pose(rotation, height, probability, upright))
    return tuple(sorted(poses, key=lambda pose: (-pose.probability, pose.quaternion)))


def _distinct(ups: Array, probabilities: Array) -> list[tuple[Array, float]]:
    """Directions that point up in each pose, those within 2 degrees merged; a yaw about them is no other pose."""
    merged: list[tuple[Array, float]] = []
    for index in np.lexsort((*np.round(ups.T, 6), -np.round(probabilities, 6))):
        up, probability = ups[index], float(probabilities[index])
        near = next((k for k, (other, _) in enumerate(merged) if up @ other > np.cos(np.radians(2.0))), None)
        if near is None:
            merged.append((up, probability))
        else:
            merged[near] = (merged[near][0], merged[near][1] + probability)
    return merged


def _rotation_to_vertical(up: Array) -> Array:
    """The smallest rotation that takes the unit vector `up` to +z, (3, 3)."""
    axis = np.cross(up, [0.0, 0.0, 1.0])
    sine = float(np.linalg.norm(axis))
    if sine < 1e-7:
        return np.eye(3) if up[2] > 0 else np.diag([1.0, -1.0, -1.0])
    return Rotation.from_rotvec(axis / sine * np.arctan2(sine, up[2])).as_matrix()


def _rest(vertices: Array, center: Array) -> tuple[float, float]:
    """Height of the origin above the plane, and the tilt in radians that would topple the body."""
    lowest = float(vertices[:, 2].min())
    support = shapely.MultiPoint(vertices[vertices[:, 2] < lowest + CONTACT_DEPTH, :2]).convex_hull
    below = shapely.Point(center[:2])
    inside = support.geom_type == "Polygon" and support.contains(below)
    margin = support.exterior.distance(below) if inside else 0.0
    return -lowest, float(np.arctan2(margin, center[2] - lowest))


def _pose(rotation: Array, height: float, probability: float, upright: bool) -> StablePose:
    x, y, z, w = Rotation.from_matrix(rotation).as_quat(canonical=True)
    qw, qx, qy, qz = (round(float(v), 9) + 0.0 for v in (w, x, y, z))
    return StablePose(
        quaternion=(qw, qx, qy, qz), height=round(height, 6) + 0.0, probability=round(probability, 4), upright=upright
    )
