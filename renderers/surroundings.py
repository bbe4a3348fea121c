"""What stands around a table, in triangles: floor, walls and furniture. All of it is background."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from assets_index.asset import Material, VisualPart
from assets_index.transforms import Array, Vec3, apply, rotation_z
from renderers.look import Furniture, FurnitureLook, Look, RoomLook, SurfaceLook

FLOOR_EXTENT = 5.0
"""Half the edge of the floor, metres: it ends where most rooms of the domes have their walls."""

BOARD = 0.025
"""Thickness of the boards of furniture, metres."""

Box = tuple[Vec3, Vec3]
"""Lower and upper corner."""


def surroundings(look: Look, floor_height: float) -> Iterator[tuple[VisualPart, SurfaceLook]]:
    """Parts in the world with the surface that each is covered with, the floor first."""
    yield _floor(floor_height), look.floor
    if look.room is not None:
        yield _walls(look.room, floor_height), look.room.wall
    for piece in look.furniture:
        yield _furniture(piece, floor_height), piece.surface


def _floor(height: float) -> VisualPart:
    e = FLOOR_EXTENT
    return _quads([np.array([(-e, -e, height), (e, -e, height), (e, e, height), (-e, e, height)])], "floor")


def _walls(room: RoomLook, floor_height: float) -> VisualPart:
    """The four walls, to be seen from inside."""
    (x0, y0), (x1, y1) = room.lower, room.upper
    corners = ((x0, y0), (x0, y1), (x1, y1), (x1, y0), (x0, y0))
    top = floor_height + room.height
    walls = (np.array([(*a, floor_height), (*b, floor_height), (*b, top), (*a, top)]) for a, b in pairwise(corners))
    return _quads(list(walls), "wall")


def _furniture(piece: FurnitureLook, floor_height: float) -> VisualPart:
    boxes = np.array(_BUILDERS[piece.kind](*piece.size))
    quads = [corners for box in boxes for corners in _faces(*box)]
    pose = np.eye(4)
    pose[:3, :3] = rotation_z(piece.rotation)
    pose[:3, 3] = (*piece.position, floor_height)
    return _quads([apply(pose, quad) for quad in quads], piece.kind)


def _cabinet(width: float, depth: float, height: float) -> list[Box]:
    """A closed body with two doors that stand a little before its front, which is +y."""
    w, d, gap = width / 2, depth / 2, 0.01
    doors: list[Box] = [((left + gap, d, gap), (left + w - gap, d + BOARD, height - gap)) for left in (-w, 0.0)]
    return [((-w, -d, 0.0), (w, d, height)), *doors]


def _shelf(width: float, depth: float, height: float) -> list[Box]:
    """Two sides, a back and boards, open to +y."""
    w, d, count = width / 2, depth / 2, max(2, round(height / 0.35))
    levels = np.linspace(0.0, height - BOARD, count + 1)
    boards: list[Box] = [((-w, -d, float(z)), (w, d, float(z) + BOARD)) for z in levels]
    sides: list[Box] = [((x, -d, 0.0), (x + BOARD, d, height)) for x in (-w, w - BOARD)]
    return [*boards, *sides, ((-w, -d, 0.0), (w, BOARD - d, height))]


def _bench(width: float, depth: float, height: float) -> list[Box]:
    """A thick top on four legs."""
    w, d, leg = width / 2, depth / 2, 0.05
    legs: list[Box] = [((x, y, 0.0), (x + leg, y + leg, height)) for x in (-w, w - leg) for y in (-d, d - leg)]
    return [((-w, -d, height - 2 * BOARD), (w, d, height)), *legs]


_BUILDERS = {"cabinet": _cabinet, "shelf": _shelf, "bench": _bench}
KINDS: tuple[Furniture, ...] = ("cabinet", "shelf", "bench")


def _faces(lower: Array, upper: Array) -> Iterator[Array]:
    """The six faces of a box, (4, 3) each, counter-clockwise from outside."""
    (x0, y0, z0), (x1, y1, z1) = lower, upper
    yield np.array([(x0, y0, z0), (x0, y0, z1), (x0, y1, z1), (x0, y1, z0)])
    yield np.array([(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)])
    yield np.array([(x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)])
    yield np.array([(x0, y1, z0), (x0, y1, z1), (x1, y1, z1), (x1, y1, z0)])
    yield np.array([(x0, y0, z0), (x0, y1, z0), (x1, y1, z0), (x1, y0, z0)])
    yield np.array([(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)])


def _quads(quads: Sequence[Array], name: str) -> VisualPart:
    """Flat four-sided faces, (4, 3) each, as a part."""
    triangles = np.array([[0, 1, 2], [0, 2, 3]]) + 4 * np.arange(len(quads))[:, None, None]
    normals = [np.cross(quad[1] - quad[0], quad[2] - quad[0]) for quad in quads]
    return VisualPart(
        vertices=np.concatenate(quads).astype(np.float32),
        faces=triangles.reshape(-1, 3).astype(np.int32),
        normals=np.repeat([n / np.linalg.norm(n) for n in normals], 4, axis=0).astype(np.float32),
        uv=None,
        material=Material(name=name),
    )
