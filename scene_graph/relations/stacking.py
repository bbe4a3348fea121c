"""Stacked: on one thing and carried by nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
import shapely

from assets_index.transforms import Array
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.polygons import placements_within_gap, signed_distance
from scene_graph.relations.base import Verdict
from scene_graph.relations.support import SURFACE_TOLERANCE, On


class StackedOn(On):
    """On the anchor, its centre of mass over it, and carried by nothing beside it.

    Whatever reaches into the few millimetres about the anchor's surface below the subject's own lowest part would
    carry it too; what the anchor itself stands on or in is left out of account, for that carries the whole stack.
    """

    kind: Literal["stacked_on"] = "stacked_on"  # type: ignore[assignment]  # an On of which more is asked

    def holds(self, scene: PlacedScene) -> Verdict:
        """Margin: least of that of "on", and the gaps to what could carry the subject beside the anchor."""
        foot = _foot(scene[self.subject])
        gaps = (_gap(section, foot) for section in self._beside(scene, foot))
        return Verdict.of(super().holds(scene).margin, *gaps)

    def phrase(self, names: Mapping[str, str]) -> str:
        """E.g. "stacked on the red block"."""
        return f"stacked on {names[self.anchor]}"

    def _beside(self, scene: PlacedScene, foot: shapely.Polygon) -> Iterator[shapely.Polygon]:
        """Sections at the height of the anchor's surface of what is near enough to be less than the margin of "on"."""
        anchor = scene[self.anchor]
        surface = anchor.asset.support
        height = anchor.pose.position[2] + (surface.height if surface else 0.0)
        low, high = height - 2 * SURFACE_TOLERANCE, height + SURFACE_TOLERANCE
        x0, y0, x1, y1 = foot.buffer(SURFACE_TOLERANCE).bounds
        near = np.array([[x0, y0, low], [x1, y1, high]])
        for name, body in scene.bodies.items():
            if name in (self.subject, self.anchor) or not _meets(body.vertices, near) or _carries(body, anchor):
                continue
            sections = (_section(piece, low, high) for piece in body.pieces if _meets(piece, near))
            yield from (section for section in sections if section.area > 0.0)


def _foot(subject: PlacedBody) -> shapely.Polygon:
    """The lowest part of a body, seen from above."""
    low = subject.bottom
    sections = [_section(piece, low, low + SURFACE_TOLERANCE) for piece in subject.pieces]
    return shapely.convex_hull(shapely.union_all(sections))


def _carries(below: PlacedBody, above: PlacedBody) -> bool:
    """Whether one body may be what another stands on or in: it reaches lower, under the other's centre of mass."""
    return below.bottom < above.bottom and signed_distance(above.center_of_mass[:2], below.footprint) > 0.0


def _meets(points: Array, box: Array) -> bool:
    """Whether the axis-aligned box around points (N, 3) meets another, (2, 3)."""
    return bool((points.min(0) <= box[1]).all() and (points.max(0) >= box[0]).all())


def _section(piece: Array, low: float, high: float) -> shapely.Polygon:
    """What a convex piece, (N, 3), has between two heights, seen from above; empty if nothing."""
    points = [piece[(piece[:, 2] >= low) & (piece[:, 2] <= high), :2]]
    points += [_crossings(piece, height) for height in (low, high)]
    return shapely.convex_hull(shapely.multipoints(np.concatenate(points)))


def _crossings(piece: Array, height: float) -> Array:
    """Where the lines between the corners of a convex piece pass through a height, (M, 2)."""
    above, below = piece[piece[:, 2] > height], piece[piece[:, 2] < height]
    share = ((height - below[:, 2]) / (above[:, None, 2] - below[None, :, 2]))[..., None]
    return np.asarray((below[None, :, :2] + share * (above[:, None, :2] - below[None, :, :2])).reshape(-1, 2))


def _gap(section: shapely.Polygon, foot: shapely.Polygon) -> float:
    """Distance between two convex outlines; negative by how far one must be moved out of the other."""
    return -signed_distance((0.0, 0.0), placements_within_gap(section, foot, 0.0))
