"""Mass properties of bodies made of convex hulls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from assets_index.errors import UnusableMesh
from assets_index.transforms import Array

# Integrals of 1, x, y, z, products over a tetrahedron with one corner at the origin.
_SECOND_MOMENT = (np.ones((3, 3)) + np.eye(3)) / 120.0


@dataclass(frozen=True)
class MassProperties:
    """Mass in kg, centre of mass in metres (3,), inertia about it in kg m^2 (3, 3)."""

    mass: float
    center: Array
    inertia: Array

    @property
    def inertia_vector(self) -> tuple[float, float, float, float, float, float]:
        """xx, yy, zz, xy, xz, yz."""
        i = self.inertia
        return (*(float(i[k, k]) for k in range(3)), float(i[0, 1]), float(i[0, 2]), float(i[1, 2]))  # type: ignore[return-value]


def hull_faces(vertices: Array) -> NDArray[np.intp]:
    """Triangles of the convex hull of points (N, 3), counter-clockwise from outside; (F, 3).

    Raises:
        UnusableMesh: if the points span no volume.
    """
    try:
        hull = ConvexHull(vertices)
    except (QhullError, ValueError) as error:
        raise UnusableMesh("collision hull has no volume") from error
    faces = hull.simplices.astype(np.intp)
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), hull.equations[:, :3]) < 0
    faces[inward] = faces[inward][:, ::-1]
    return faces


def convex_volume(vertices: Array) -> float:
    """Volume of the convex hull of points (N, 3)."""
    return float(ConvexHull(vertices).volume)


def mass_properties(hulls: Sequence[Array], density: float | Sequence[float]) -> MassProperties:
    """Mass properties of solid hulls that do not overlap; `density` in kg/m^3, one for all or one each."""
    densities = np.broadcast_to(np.asarray(density, float), (len(hulls),))
    mass, first, second = 0.0, np.zeros(3), np.zeros((3, 3))
    for vertices, rho in zip(hulls, densities, strict=True):
        corners = vertices[hull_faces(vertices)]
        six_volumes = np.linalg.det(corners)
        mass += rho * six_volumes.sum() / 6.0
        first += rho * np.einsum("f,fkd->d", six_volumes, corners) / 24.0
        second += rho * np.einsum("f,fki,kl,flj->ij", six_volumes, corners, _SECOND_MOMENT, corners)
    center = first / mass
    second -= mass * np.outer(center, center)
    return MassProperties(float(mass), center, np.trace(second) * np.eye(3) - second)
