"""Six furnished rooms. The eye stands 0.8 m above the floor, as on a table, with at least 1 m free around it."""

from __future__ import annotations

import numpy as np

from assets_index.domes import furniture as f
from assets_index.domes.raytrace import Interior, Quad

_FLOOR = -0.8


def office(rng: np.random.Generator) -> Interior:
    """Open-plan office: a grid of ceiling panels, a window front, desks with screens, a whiteboard."""
    top = _FLOOR + 2.8
    quads = f.shell((-3.6, -4.2, _FLOOR), (4.4, 3.8, top), (0.74, 0.75, 0.74), (0.82, 0.82, 0.82), "carpet-gray")
    for x in (-2.4, 0.4, 3.2):
        for y in (-2.6, 0.0, 2.6):
            quads += f.ceiling_panel((x, y, top), (0.6, 1.2), (9.0, 9.3, 9.6))
    for x in (-2.2, 0.4, 3.0):
        quads += f.window("y", 3.8, (x, 0, _FLOOR + 1.6), (2.1, 1.5), (9.0, 9.4, 10.0))
    for x in (-3.3, -1.6, 1.8):
        quads += f.table((x, -3.6, _FLOOR), (1.5, 0.75, 0.74), (0.72, 0.70, 0.66))
        quads += f.slab((x + 0.45, -3.3, _FLOOR + 0.74), (0.58, 0.04, 0.42), (0.02, 0.02, 0.025))
        quads += f.slab(
            (x + 0.47, -3.262, _FLOOR + 0.78), (0.54, 0.004, 0.34), (0.05, 0.05, 0.05), None, (0.5, 0.7, 1.0)
        )
        quads += f.chair((x + 0.5, -2.7, _FLOOR), (0.05, 0.06, 0.08))
    quads += f.picture("x", -3.6, (0, 0.3, _FLOOR + 1.45), (2.2, 1.2), (0.88, 0.88, 0.88))
    quads += f.cabinets((3.9, -3.4, _FLOOR), (0.45, 3.0, 1.3), 4, "-x", (0.45, 0.46, 0.48))
    quads += f.shelves(rng, (4.05, 0.4, _FLOOR), (0.32, 2.2, 1.9), 5, (0.55, 0.53, 0.5), "books")
    return Interior(quads)


def living_room(rng: np.random.Generator) -> Interior:
    """Living room by day: one large window, sofa, bookshelf, lamp, pictures, wooden floor."""
    top = _FLOOR + 2.6
    quads = f.shell((-3.0, -3.4, _FLOOR), (3.6, 3.0, top), (0.70, 0.62, 0.50), (0.80, 0.78, 0.74), "wood-parquet-oak")
    quads += f.window("x", 3.6, (0, -0.4, _FLOOR + 1.45), (2.6, 1.7), (16.0, 16.2, 16.5), panes=3)
    quads += f.window("y", -3.4, (1.6, 0, _FLOOR + 1.5), (1.2, 1.4), (12.0, 12.2, 12.6))
    quads += f.sofa((-2.9, -1.5, _FLOOR), 2.3, (0.10, 0.22, 0.28), "-x")
    quads += f.table((-1.75, -0.9, _FLOOR), (0.6, 1.0, 0.40), (0.22, 0.12, 0.06))
    quads += f.shelves(rng, (-1.6, 2.64, _FLOOR), (2.6, 0.34, 2.0), 6, (0.30, 0.19, 0.10), "books")
    quads += f.cabinets((1.5, 2.5, _FLOOR), (1.5, 0.45, 0.6), 3, "-y", (0.62, 0.60, 0.56))
    quads += f.slab((1.75, 2.7, _FLOOR + 0.62), (1.05, 0.05, 0.62), (0.015, 0.015, 0.02))
    quads += f.floor_lamp((-2.5, 1.6, _FLOOR), 1.6, (9.0, 6.2, 3.4))
    quads += f.picture("x", -3.0, (0, -0.4, _FLOOR + 1.6), (0.9, 0.6), (0.55, 0.18, 0.10))
    quads += f.picture("y", -3.4, (-1.2, 0, _FLOOR + 1.55), (0.7, 0.9), (0.12, 0.25, 0.45))
    quads += f.slab((-2.0, -1.7, _FLOOR + 0.001), (1.7, 2.7, 0.012), (1.0, 1.0, 1.0), "carpet-red")
    return Interior(quads, outside=((1.0, 1.05, 1.15), (0.25, 0.38, 0.16)))


def kitchen(rng: np.random.Generator) -> Interior:
    """Fitted kitchen: cupboards on two sides, tiled splashback, a window over the sink, pendant lights."""
    top = _FLOOR + 2.5
    quads = f.shell((-2.4, -2.2, _FLOOR), (2.9, 2.6, top), (0.80, 0.79, 0.73), (0.84, 0.84, 0.82), "tile-terracotta")
    front = (0.30, 0.42, 0.36)
    quads += f.cabinets((-2.4, 2.0, _FLOOR), (4.2, 0.6, 0.88), 6, "-y", front, "wood-butcher-block")
    quads += f.cabinets((-2.4, 2.25, _FLOOR + 1.45), (1.4, 0.35, 0.75), 2, "-y", front)
    quads += f.cabinets((0.8, 2.25, _FLOOR + 1.45), (1.0, 0.35, 0.75), 2, "-y", front)
    quads += [Quad((-2.4, 2.59, _FLOOR + 0.92), (5.3, 0, 0), (0, 0, 0.5), (1, 1, 1), texture_id="tile-white")]
    quads += f.window("y", 2.6, (-0.1, 0, _FLOOR + 1.6), (1.5, 1.1), (15.0, 15.4, 15.8))
    quads += f.slab((1.95, 1.9, _FLOOR), (0.75, 0.68, 1.9), (0.62, 0.63, 0.65))
    quads += f.cabinets((-2.4, -1.6, _FLOOR), (0.6, 2.4, 0.88), 4, "+x", front, "wood-butcher-block")
    quads += f.slab((-2.36, -0.9, _FLOOR + 0.93), (0.5, 0.55, 0.03), (0.02, 0.02, 0.02))
    quads += f.slab((-2.38, -0.95, _FLOOR + 1.6), (0.45, 0.65, 0.25), (0.5, 0.5, 0.52))
    for k in range(5):
        x = -2.2 + 0.28 * k + 0.1 * rng.random()
        pot = (float(0.2 + 0.5 * rng.random()), 0.2, float(0.1 + 0.2 * rng.random()))
        quads += f.slab((x, 2.3, _FLOOR + 0.92), (0.11, 0.11, float(rng.uniform(0.12, 0.3))), pot)
    for y in (-0.9, 0.7):
        quads += f.slab((0.99, y - 0.01, top - 0.6), (0.02, 0.02, 0.6), (0.05, 0.05, 0.05))
        quads += f.slab((0.85, y - 0.15, top - 0.75), (0.3, 0.3, 0.16), (0.8, 0.8, 0.8), None, (13.0, 10.5, 7.2))
    quads += f.picture("x", 2.9, (0, -0.6, _FLOOR + 1.0), (0.9, 1.95), (0.50, 0.32, 0.18))
    return Interior(quads, outside=((1.0, 1.05, 1.15), (0.2, 0.35, 0.12)))


def workshop(rng: np.random.Generator) -> Interior:
    """Workshop: concrete floor, brick wall, tube lights, workbench, racks of boxes."""
    top = _FLOOR + 3.6
    quads = f.shell((-4.6, -4.0, _FLOOR), (4.2, 4.6, top), (0.50, 0.51, 0.50), (0.38, 0.38, 0.38), "concrete-dark")
    quads += [Quad((-4.59, -4.0, _FLOOR), (0, 8.6, 0), (0, 0, 3.6), (1.0, 1.0, 1.0), texture_id="brick-red")]
    for y in (-2.4, 0.2, 2.8):
        for x in (-2.6, 1.6):
            quads += f.ceiling_panel((x, y, top - 0.4), (1.5, 0.14), (42.0, 44.0, 46.0))
    quads += f.shelves(rng, (-2.6, 4.0, _FLOOR), (4.4, 0.55, 2.4), 4, (0.12, 0.22, 0.42), "boxes")
    quads += f.shelves(rng, (3.6, -2.6, _FLOOR), (0.55, 4.4, 2.4), 4, (0.55, 0.22, 0.05), "boxes")
    quads += f.table((-4.4, -2.2, _FLOOR), (0.8, 2.6, 0.9), (0.55, 0.38, 0.20))
    for k in range(9):
        y = -2.0 + 0.26 * k
        quads += f.slab((-4.55, y, _FLOOR + 1.5), (0.03, 0.06, float(rng.uniform(0.2, 0.5))), (0.08, 0.08, 0.09))
    quads += f.slab((-0.6, -3.9, _FLOOR), (2.6, 0.06, 2.7), (0.33, 0.35, 0.36))
    quads += f.window("y", -4.0, (-2.6, 0, _FLOOR + 2.2), (1.6, 1.0), (14.0, 14.4, 15.0), panes=4)
    quads += f.slab((2.2, 2.4, _FLOOR), (0.7, 0.7, 0.75), (0.50, 0.06, 0.05))
    return Interior(quads)


def laboratory(rng: np.random.Generator) -> Interior:
    """White laboratory: strip lights, benches along the walls, blue fronts, instruments."""
    top = _FLOOR + 3.0
    quads = f.shell((-3.4, -3.6, _FLOOR), (3.8, 3.4, top), (0.84, 0.85, 0.86), (0.86, 0.86, 0.86), "tile-gray")
    for x in (-2.0, 0.2, 2.4):
        quads += f.ceiling_panel((x, -0.1, top), (0.3, 5.4), (10.0, 10.6, 11.4))
    blue = (0.10, 0.24, 0.44)
    quads += f.cabinets((-3.4, -3.0, _FLOOR), (0.7, 5.6, 0.88), 8, "+x", blue, "laminate-white")
    quads += f.cabinets((-1.6, 2.75, _FLOOR), (4.4, 0.65, 0.88), 6, "-y", blue, "laminate-white")
    quads += f.cabinets((-3.4, -2.4, _FLOOR + 1.6), (0.35, 4.0, 0.7), 6, "+x", (0.75, 0.77, 0.79))
    for _ in range(9):
        y, size = rng.uniform(-2.8, 2.2), rng.uniform(0.15, 0.45, 3)
        tone = float(rng.uniform(0.25, 0.8))
        instrument = (float(size[0]), float(size[1]), float(size[2]))
        quads += f.slab((-3.3, float(y), _FLOOR + 0.92), instrument, (tone, tone, tone))
    quads += f.picture("y", 3.4, (0.5, 0, _FLOOR + 1.65), (1.6, 0.9), (0.03, 0.08, 0.12))
    quads += f.picture("x", 3.8, (0, 1.6, _FLOOR + 1.02), (1.0, 2.0), (0.35, 0.45, 0.55))
    quads += f.cabinets((3.3, -2.8, _FLOOR), (0.5, 2.6, 2.1), 3, "-x", (0.62, 0.64, 0.66))
    return Interior(quads)


def bedroom(rng: np.random.Generator) -> Interior:
    """Bedroom in the evening: two warm lamps, a dark window, wardrobe and bed."""
    top = _FLOOR + 2.5
    quads = f.shell((-2.6, -2.8, _FLOOR), (2.8, 3.0, top), (0.42, 0.46, 0.56), (0.75, 0.75, 0.76), "wood-walnut")
    quads += f.slab((-2.5, -1.2, _FLOOR), (0.08, 1.8, 1.0), (0.20, 0.12, 0.07))
    quads += f.slab((-2.42, -1.15, _FLOOR + 0.1), (1.2, 1.7, 0.38), (0.68, 0.66, 0.62))
    quads += f.slab((-1.75, -1.17, _FLOOR + 0.46), (0.55, 1.74, 0.06), (0.42, 0.12, 0.16))
    for y in (-0.95, -0.1):
        quads += f.slab((-2.4, y, _FLOOR + 0.48), (0.4, 0.6, 0.12), (0.82, 0.81, 0.79))
    for y in (-1.8, 0.75):
        quads += f.cabinets((-2.55, y, _FLOOR), (0.42, 0.45, 0.5), 1, "+x", (0.25, 0.15, 0.09))
        quads += f.slab((-2.36, y + 0.2, _FLOOR + 0.5), (0.04, 0.04, 0.2), f.METAL)
        quads += f.slab((-2.46, y + 0.1, _FLOOR + 0.7), (0.24, 0.24, 0.2), (0.8, 0.7, 0.5), None, (17.0, 10.0, 4.6))
    quads += f.cabinets((0.2, 2.4, _FLOOR), (2.4, 0.6, 2.2), 4, "-y", (0.72, 0.70, 0.66))
    quads += f.window("x", 2.8, (0, -0.6, _FLOOR + 1.45), (1.5, 1.3), (0.10, 0.14, 0.26))
    quads += f.slab((2.68, -1.75, _FLOOR + 0.1), (0.08, 0.35, 2.1), (0.45, 0.20, 0.16))
    quads += f.slab((2.68, 0.2, _FLOOR + 0.1), (0.08, 0.35, 2.1), (0.45, 0.20, 0.16))
    quads += f.shelves(rng, (-1.2, -2.76, _FLOOR + 0.9), (1.8, 0.26, 0.9), 2, (0.25, 0.15, 0.09), "books")
    quads += f.ceiling_panel((0.3, 0.2, top), (0.35, 0.35), (14.0, 10.2, 6.4))
    return Interior(quads)
