"""Small cupboards with one door."""

from __future__ import annotations

import numpy as np

from assets_index.articulation import Articulation, MovingPart
from assets_index.procedural.articulated.handles import HANDLES, fitted_handle, handle_finish
from assets_index.procedural.articulated.joinery import WOOD_DENSITY, Board, inertial, new_coat
from assets_index.procedural.paint import choose
from assets_index.procedural.recipe import Recipe

BOARD, DOOR, GAP = 0.010, 0.012, 0.002
FRICTION, DAMPING = 0.08, 0.5
TRAVEL = 1.6
"""How far the door opens, rad."""


def cupboard(rng: np.random.Generator) -> Recipe:
    """A cupboard whose door lies before the carcass and turns about its left or right edge."""
    depth, width, height = (float(v) for v in rng.uniform([0.13, 0.17, 0.17], [0.16, 0.2, 0.22]))
    side, kind, half = int(rng.choice([-1, 1])), choose(rng, HANDLES), width / 2
    carcass, front = new_coat(rng), new_coat(rng)
    frame = [
        Board((0.0, -half, 0.0), (depth, -half + BOARD, height)),
        Board((0.0, half - BOARD, 0.0), (depth, half, height)),
        Board((depth - BOARD, -half + BOARD, 0.0), (depth, half - BOARD, height)),
        Board((0.0, -half + BOARD, 0.0), (depth - BOARD, half - BOARD, BOARD)),
        Board((0.0, -half + BOARD, height - BOARD), (depth - BOARD, half - BOARD, height)),
    ]
    panel = Board((-DOOR - GAP, -half + GAP, GAP), (-GAP, half - GAP, height - GAP))
    handle = fitted_handle(
        kind, handle_finish(rng), (-DOOR - GAP, -side * (half - 0.028), float(rng.uniform(0.5, 0.65)) * height)
    )
    hulls = [panel.hull, *handle.hulls]
    door = MovingPart(
        name="door",
        kind="door",
        joint="hinge",
        axis=(0.0, 0.0, -float(side)),  # positive values swing the free edge towards -x
        origin=(-DOOR - GAP, side * half, 0.0),
        travel=TRAVEL,
        friction=FRICTION,
        damping=DAMPING,
        inertial=inertial(hulls),
        hulls=tuple(range(len(frame), len(frame) + len(hulls))),
        visuals=(1, 2),
        handle=handle.handle,
    )
    hinged = "left" if side > 0 else "right"
    return Recipe(
        role="fixture",
        group="storage",
        parts=(carcass.part(frame), front.part([panel]), handle.part),
        hulls=(*(board.hull for board in frame), *hulls),
        density=WOOD_DENSITY,
        material="wooden",
        synonyms=("cabinet with a door", "small cupboard"),
        captions=("a cupboard with one door", f"a cupboard whose door is hinged on the {hinged}"),
        articulation=Articulation(frame=inertial([board.hull for board in frame]), parts=(door,)),
    )
