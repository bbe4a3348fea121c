"""Surfaces that a hand must not touch, as points."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from assets_index.transforms import Array, apply
from dataengine.grasps.solid import Solid
from scene_graph.placed import PlacedBody, PlacedScene

SPACING = 0.008
"""Mean distance of the points, metres: well below the thickness of a finger."""

MOST_POINTS = 1200


def surface_points(scene: PlacedScene, names: Iterable[str], center: Array, radius: float) -> Array:
    """Points (P, 3) on the surfaces of bodies, in the world, within a horizontal radius of `center`, metres."""
    clouds = [np.empty((0, 3))]
    for name in names:
        body = scene[name]
        points = apply(body.pose.matrix, _asset_points(body))
        clouds.append(points[np.linalg.norm(points[:, :2] - center[:2], axis=1) < radius])
    return np.concatenate(clouds)


_CLOUDS: dict[str, Array] = {}
"""Points by asset id, in the asset frame; an id is a hash of its content, so nothing here grows old."""


def _asset_points(body: PlacedBody) -> Array:
    if body.asset.id not in _CLOUDS:
        solid = Solid.from_hulls(body.hulls)
        edges = np.concatenate([part.triangles[:, 1:] - part.triangles[:, :1] for part in solid.parts])
        area = 0.5 * np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1).sum()
        count = int(np.clip(area / SPACING**2, 60, MOST_POINTS))
        points = solid.sample(count, np.random.default_rng(0))[0]
        _CLOUDS[body.asset.id] = np.concatenate([points, *body.hulls])
    return _CLOUDS[body.asset.id]
