"""Small cabinets with one to three drawers."""

from __future__ import annotations

import numpy as np

from assets_index.articulation import Articulation, MovingPart
from assets_index.asset import Cavity
from assets_index.procedural.articulated.handles import HANDLES, fitted_handle, handle_finish
from assets_index.procedural.articulated.joinery import WOOD_DENSITY, Board, inertial, new_coat
from assets_index.procedural.paint import choose
from assets_index.procedural.recipe import Recipe

NAMES = {1: ("drawer",), 2: ("bottom drawer", "top drawer"), 3: ("bottom drawer", "middle drawer", "top drawer")}
"""Names of the drawers, from below."""

BOARD, WALL, FRONT, GAP = 0.010, 0.006, 0.010, 0.002
FRICTION, DAMPING = 1.5, 12.0
TRAVEL = 0.72
"""How far a drawer comes out, as a share of the cabinet's depth."""

RIM = 0.72
"""Height of a drawer's sides as a share of the room between two shelves."""

COUNTED = {1: "one drawer", 2: "two drawers", 3: "three drawers"}


def drawer_cabinet(rng: np.random.Generator) -> Recipe:
    """A cabinet with one to three drawers whose fronts lie before the carcass."""
    count = int(rng.integers(1, 4))
    depth, width, row = (float(v) for v in rng.uniform([0.165, 0.2, 0.074], [0.185, 0.23, 0.084]))
    height = BOARD + count * (row + BOARD)
    carcass, fronts, kind = new_coat(rng), new_coat(rng), choose(rng, HANDLES)
    finish = handle_finish(rng)
    frame = _carcass(depth, width, height, count, row)
    hulls, parts, moving = [board.hull for board in frame], [carcass.part(frame)], []
    for number, name in enumerate(NAMES[count]):
        floor = BOARD + number * (row + BOARD)
        boards = _drawer_boards(depth, width, row, floor)
        handle = fitted_handle(kind, finish, (-FRONT, 0.0, floor + row / 2))
        solids = [*(board.hull for board in boards), *handle.hulls]
        part = MovingPart(
            name=name,
            kind="drawer",
            joint="slide",
            axis=(-1.0, 0.0, 0.0),
            travel=round(TRAVEL * depth, 3),
            friction=FRICTION,
            damping=DAMPING,
            inertial=inertial(solids),
            hulls=tuple(range(len(hulls), len(hulls) + len(solids))),
            visuals=tuple(range(len(parts), len(parts) + 3)),
            handle=handle.handle,
            cavity=_inside(boards),
        )
        moving.append(part)
        hulls += solids
        parts += [carcass.part(boards[:-1]), fronts.part(boards[-1:]), handle.part]
    return Recipe(
        role="fixture",
        group="storage",
        parts=tuple(parts),
        hulls=tuple(hulls),
        density=WOOD_DENSITY,
        material="wooden",
        synonyms=("chest of drawers", "cabinet", "small dresser"),
        captions=(f"a cabinet with {COUNTED[count]}", f"a small cabinet; it has {COUNTED[count]} with a {kind} each"),
        articulation=Articulation(frame=inertial([board.hull for board in frame]), parts=tuple(moving)),
    )


def _carcass(depth: float, width: float, height: float, count: int, row: float) -> list[Board]:
    """Sides, back, and a shelf below and above each drawer; its front is at x = 0."""
    half = width / 2
    shelves = [BOARD + (row + BOARD) * k for k in range(count + 1)]
    return [
        Board((0.0, -half, 0.0), (depth, -half + BOARD, height)),
        Board((0.0, half - BOARD, 0.0), (depth, half, height)),
        Board((depth - BOARD, -half + BOARD, 0.0), (depth, half - BOARD, height)),
        *(Board((0.0, -half + BOARD, z - BOARD), (depth - BOARD, half - BOARD, z)) for z in shelves),
    ]


def _drawer_boards(depth: float, width: float, row: float, shelf: float) -> list[Board]:
    """Floor, two sides and back of a drawer over the shelf at a height, and its front last."""
    half, end = width / 2 - BOARD - GAP, depth - BOARD - GAP
    low, rim = shelf + GAP, shelf + RIM * row
    floor = low + WALL
    return [
        Board((0.0, -half, low), (end, half, floor)),
        Board((0.0, -half, floor), (end, -half + WALL, rim)),
        Board((0.0, half - WALL, floor), (end, half, rim)),
        Board((end - WALL, -half + WALL, floor), (end, half - WALL, rim)),
        Board((-FRONT, (GAP - width) / 2, shelf - BOARD / 2), (0.0, (width - GAP) / 2, shelf + row + BOARD / 3)),
    ]


def _inside(boards: list[Board]) -> Cavity:
    """The cavity between a drawer's boards."""
    floor, _, side, back, _ = boards
    x, y = back.lower[0], side.lower[1]
    return Cavity(floor=floor.upper[2], rim=side.upper[2], opening=((0.0, -y), (x, -y), (x, y), (0.0, y)))
