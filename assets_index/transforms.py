"""Rigid transforms: metres, right-handed, quaternions wxyz, homogeneous 4x4 matrices that map right to left.

`T_a_b` takes coordinates in frame b to coordinates in frame a.
"""

from __future__ import annotations

from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assets_index.schema import Schema

Vec3: TypeAlias = tuple[float, float, float]
Quat: TypeAlias = tuple[float, float, float, float]
Array: TypeAlias = NDArray[np.float64]


class Pose(Schema):
    """A rigid pose: position in metres and a unit quaternion wxyz."""

    position: Vec3 = (0.0, 0.0, 0.0)
    quaternion: Quat = (1.0, 0.0, 0.0, 0.0)

    @property
    def matrix(self) -> Array:
        """The homogeneous matrix, shape (4, 4)."""
        rows = zip(_rotation_rows(*self.quaternion), self.position, strict=True)
        return np.array([*((*row, place) for row, place in rows), (0.0, 0.0, 0.0, 1.0)])

    @classmethod
    def from_matrix(cls, matrix: ArrayLike) -> Pose:
        """The pose of a homogeneous matrix, shape (4, 4)."""
        matrix = np.asarray(matrix, float)
        x, y, z = (float(v) for v in matrix[:3, 3])
        qw, qx, qy, qz = (float(v) for v in quaternion_from_rotation(matrix[:3, :3]))
        return cls(position=(x, y, z), quaternion=(qw, qx, qy, qz))

    @classmethod
    def from_vector(cls, vector: ArrayLike) -> Pose:
        """The pose of a flat x, y, z, qw, qx, qy, qz vector, shape (7,)."""
        x, y, z, qw, qx, qy, qz = (float(v) for v in np.asarray(vector, float))
        return cls(position=(x, y, z), quaternion=(qw, qx, qy, qz))

    @property
    def vector(self) -> Array:
        """x, y, z, qw, qx, qy, qz; shape (7,)."""
        return np.array([*self.position, *self.quaternion])


def rotation_from_quaternion(quaternion: ArrayLike) -> Array:
    """Rotation matrices of unit quaternions wxyz; shape (..., 4) to (..., 3, 3)."""
    quaternion = np.asarray(quaternion, float)
    if quaternion.ndim == 1:
        return np.array(_rotation_rows(*quaternion.tolist()))
    rows = _rotation_rows(*np.moveaxis(quaternion, -1, 0))
    return np.stack([np.stack(row, -1) for row in rows], -2)


Number = TypeVar("Number", float, Array)


def _rotation_rows(w: Number, x: Number, y: Number, z: Number) -> tuple[tuple[Number, Number, Number], ...]:
    """Rows of rotation matrices: of one in plain numbers, which for a single one are much faster, or of many."""
    return (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )


def quaternion_from_rotation(rotation: ArrayLike) -> Array:
    """The unit quaternion wxyz, w >= 0, of one rotation matrix (3, 3); shape (4,)."""
    m = np.asarray(rotation, float)
    # Bar-Itzhack: the eigenvector of the largest eigenvalue, stable for every rotation.
    k = np.array(
        [
            [m[0, 0] + m[1, 1] + m[2, 2], 0, 0, 0],
            [m[2, 1] - m[1, 2], m[0, 0] - m[1, 1] - m[2, 2], 0, 0],
            [m[0, 2] - m[2, 0], m[0, 1] + m[1, 0], m[1, 1] - m[0, 0] - m[2, 2], 0],
            [m[1, 0] - m[0, 1], m[0, 2] + m[2, 0], m[1, 2] + m[2, 1], m[2, 2] - m[0, 0] - m[1, 1]],
        ]
    )
    quaternion = np.linalg.eigh(k)[1][:, -1]
    return quaternion if quaternion[0] >= 0 else -quaternion


def rotation_z(angle: float) -> Array:
    """Rotation by `angle` radians about z; shape (3, 3)."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def rotation_about(axis: ArrayLike, angle: float) -> Array:
    """Rotation by `angle` radians about a unit vector by the right-hand rule (Rodrigues' formula); shape (3, 3)."""
    x, y, z = np.asarray(axis, float)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross)


def inverse(transform: Array) -> Array:
    """Inverse of rigid transforms; shape (..., 4, 4)."""
    out = np.zeros_like(transform)
    rotation = np.swapaxes(transform[..., :3, :3], -1, -2)
    out[..., :3, :3] = rotation
    out[..., :3, 3] = -np.einsum("...ij,...j->...i", rotation, transform[..., :3, 3])
    out[..., 3, 3] = 1.0
    return out


def apply(transform: Array, points: ArrayLike) -> Array:
    """Points (..., 3) taken through one transform (4, 4)."""
    return np.asarray(points, float) @ transform[:3, :3].T + transform[:3, 3]
