"""An asset as physics sees it: a union of convex hulls that can be sampled and shot through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from assets_index.transforms import Array

SKIN = 2e-4
"""Gaps thinner than this, metres, between hulls of one solid are not seen."""


@dataclass(frozen=True)
class Part:
    """One convex hull: `normals @ x + offsets <= 0` inside; `triangles` (F, 3, 3) belong to the same faces."""

    normals: Array
    offsets: Array
    triangles: Array

    def contains(self, points: Array, margin: float = 0.0) -> NDArray[np.bool_]:
        """Whether points (n, 3) lie inside, by at least `margin`."""
        return np.asarray((points @ self.normals.T + self.offsets <= -margin).all(1))


@dataclass(frozen=True)
class Crossings:
    """Where rays leave a solid: index of the ray, distance along it, and outward normal there."""

    ray: NDArray[np.intp]
    distance: Array
    normal: Array


@dataclass(frozen=True)
class Solid:
    """A union of convex parts, in the asset frame, metres."""

    parts: tuple[Part, ...]

    @classmethod
    def from_hulls(cls, hulls: Sequence[Array]) -> Solid:
        """Build from hull vertices, each (N, 3)."""
        return cls(tuple(_part(np.asarray(vertices, float)) for vertices in hulls))

    def sample(
        self, count: int, rng: np.random.Generator, *, up: Array | None = None, steepest: float = 0.5 * np.pi
    ) -> tuple[Array, Array]:
        """About `count` points spread evenly over the outside, and their outward normals, both (n, 3).

        Args:
            count: points drawn; those between two parts are left out.
            rng: source of all choices.
            up: unit vector; None for all faces.
            steepest: only faces whose normal is less than this angle, rad, off the plane across `up`.
        """
        triangles = np.concatenate([part.triangles for part in self.parts])
        normals = np.concatenate([part.normals for part in self.parts])
        owner = np.repeat(np.arange(len(self.parts)), [len(part.normals) for part in self.parts])
        if up is not None:
            level = np.abs(normals @ up) < np.sin(steepest)
            triangles, normals, owner = triangles[level], normals[level], owner[level]
            if not len(normals):
                return np.empty((0, 3)), np.empty((0, 3))
        edges = triangles[:, 1:] - triangles[:, :1]
        area = np.cumsum(np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1))
        # stratified in area: even coverage with few points
        face = np.searchsorted(area, (np.arange(count) + rng.random(count)) / count * area[-1]).clip(0, len(area) - 1)
        u = rng.random((count, 2))
        u[u.sum(1) > 1] = 1 - u[u.sum(1) > 1]
        points = triangles[face, 0] + (u[:, :, None] * edges[face]).sum(1)
        outside = self._outside(points + SKIN * normals[face], owner[face])
        return points[outside], normals[face][outside]

    def _outside(self, points: Array, owner: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Whether points, each just off its own part, lie in none of the other parts."""
        inside = np.zeros(len(points), bool)
        for i, part in enumerate(self.parts):
            if len(self.parts) > 1:
                inside |= part.contains(points) & (owner != i)
        return ~inside

    def contains(self, points: Array) -> NDArray[np.bool_]:
        """Whether points (n, 3) lie in any part."""
        inside = np.zeros(len(points), bool)
        for part in self.parts:
            inside |= part.contains(points)
        return inside

    def exits(self, origins: Array, directions: Array) -> Crossings:
        """Every place at which rays (n, 3) leave the solid."""
        spans = [_span(part, origins, directions) for part in self.parts]
        enter, leave, face = (np.stack([span[i] for span in spans]) for i in range(3))
        is_exit = leave > SKIN
        for other in range(len(self.parts)):
            covered = (enter[other] <= leave + SKIN) & (leave[other] > leave + SKIN)
            covered[other] = False
            is_exit &= ~covered
        part, ray = np.nonzero(is_exit & (enter < leave))
        normal = np.array([self.parts[p].normals[f] for p, f in zip(part, face[part, ray], strict=True)]).reshape(-1, 3)
        return Crossings(ray, np.asarray(leave[part, ray], float), normal)

    def last_exit(self, origins: Array, directions: Array) -> Array:
        """Distance (n,) along each ray at which it leaves the solid for good; 0 where it never meets it."""
        farthest = np.zeros(len(origins))
        for part in self.parts:
            enter, leave, _ = _span(part, origins, directions)
            farthest = np.where(enter < leave, np.maximum(farthest, leave), farthest)
        return farthest


def _part(vertices: Array) -> Part:
    hull = ConvexHull(vertices)
    return Part(hull.equations[:, :3], hull.equations[:, 3], vertices[hull.simplices])


def _span(part: Part, origins: Array, directions: Array) -> tuple[Array, Array, NDArray[np.intp]]:
    """Distances at which rays enter and leave one convex part (enter > leave: a miss) and the face they leave by."""
    height = origins @ part.normals.T + part.offsets
    slope = directions @ part.normals.T
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = -height / slope
    enter = np.where(slope < -1e-12, distance, -np.inf).max(1)
    leaving = np.where(slope > 1e-12, distance, np.inf)
    missed = (np.abs(slope) <= 1e-12) & (height > 0)
    face = leaving.argmin(1)
    leave = np.where(missed.any(1), -np.inf, leaving[np.arange(len(origins)), face])
    return enter, leave, face
