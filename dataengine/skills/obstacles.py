"""Surfaces that a hand must not touch, as points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from assets_index.articulation import part_name
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
        if np.hypot(*(body.pose.position[:2] - center[:2])) > radius + _reach(body):
            continue
        points = apply(body.pose.matrix, _body_points(body))
        clouds.append(points[np.linalg.norm(points[:, :2] - center[:2], axis=1) < radius])
    return np.concatenate(clouds)


_CLOUDS: dict[str, Array] = {}
"""Points by asset id, or by that and the name of a moving part, in the asset frame; an id is a hash of its content, so
nothing here grows old."""

_REACHES: dict[str, float] = {}
"""Distance of the farthest corner from the asset's origin, by asset id, metres."""


def _reach(body: PlacedBody) -> float:
    """How far a body reaches from its origin at most; of one with moving parts that is not known."""
    if body.asset.articulation is not None:
        return np.inf
    if body.asset.id not in _REACHES:
        _REACHES[body.asset.id] = max(float(np.linalg.norm(hull, axis=1).max()) for hull in body.hulls)
    return _REACHES[body.asset.id]


def _body_points(body: PlacedBody) -> Array:
    """Points (P, 3) on a body in the asset frame, its moving parts where their joints have them."""
    articulation = body.asset.articulation
    if articulation is None:
        return _points(body.asset.id, body.hulls)
    owned = {i for part in articulation.parts for i in part.hulls}
    frame = [hull for i, hull in enumerate(body.hulls) if i not in owned]
    clouds = [_points(body.asset.id, frame)]
    for part, value in zip(articulation.parts, body.joints or [0.0] * len(articulation.parts), strict=True):
        cloud = _points(part_name(body.asset.id, part.name), [body.hulls[i] for i in part.hulls])
        clouds.append(apply(part.motion(value), cloud))
    return np.concatenate(clouds)


def _points(key: str, hulls: Sequence[Array]) -> Array:
    if key not in _CLOUDS:
        solid = Solid.from_hulls(hulls)
        edges = np.concatenate([part.triangles[:, 1:] - part.triangles[:, :1] for part in solid.parts])
        area = 0.5 * np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1).sum()
        count = int(np.clip(area / SPACING**2, 60, MOST_POINTS))
        points = solid.sample(count, np.random.default_rng(0))[0]
        _CLOUDS[key] = np.concatenate([points, *hulls])
    return _CLOUDS[key]
