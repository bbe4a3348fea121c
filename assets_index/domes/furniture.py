"""Rooms and what stands in them, as quads. Every piece is placed by the corner nearest to -x, -y and stands on `z`."""

from __future__ import annotations

import numpy as np

from assets_index.domes.raytrace import Point, Quad, Rgb, box

WOOD: Rgb = (0.36, 0.21, 0.10)
METAL: Rgb = (0.45, 0.46, 0.48)


def shell(low: Point, high: Point, wall: Rgb, ceiling: Rgb, floor_texture: str) -> list[Quad]:
    """Floor, ceiling and walls of a room; skirting boards mark where walls meet the floor."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    dx, dy, dz = (x1 - x0, 0.0, 0.0), (0.0, y1 - y0, 0.0), (0.0, 0.0, z1 - z0)
    quads = [
        Quad(low, dx, dy, (1.0, 1.0, 1.0), texture_id=floor_texture),
        Quad((x0, y0, z1), dx, dy, ceiling),
        Quad(low, dx, dz, wall),
        Quad((x0, y1, z0), dx, dz, wall),
        Quad(low, dy, dz, wall),
        Quad((x1, y0, z0), dy, dz, wall),
    ]
    board: Rgb = (0.7, 0.68, 0.64)
    for corner, size in (
        (low, (x1 - x0, 0.015, 0.09)),
        ((x0, y1 - 0.015, z0), (x1 - x0, 0.015, 0.09)),
        (low, (0.015, y1 - y0, 0.09)),
        ((x1 - 0.015, y0, z0), (0.015, y1 - y0, 0.09)),
    ):
        quads += slab(corner, size, board)
    return quads


def slab(
    corner: Point, size: Point, albedo: Rgb, texture_id: str | None = None, emission: Rgb = (0, 0, 0)
) -> list[Quad]:
    """A box by its lowest corner and its size."""
    high = (corner[0] + size[0], corner[1] + size[1], corner[2] + size[2])
    return box(corner, high, albedo, texture_id, emission)


def table(corner: Point, size: Point, albedo: Rgb = WOOD, texture_id: str | None = None) -> list[Quad]:
    """A top on four legs."""
    (x, y, z), (w, d, h) = corner, size
    quads = slab((x, y, z + h - 0.04), (w, d, 0.04), albedo, texture_id)
    for leg_x in (x + 0.03, x + w - 0.09):
        for leg_y in (y + 0.03, y + d - 0.09):
            quads += slab((leg_x, leg_y, z), (0.06, 0.06, h - 0.04), albedo)
    return quads


def chair(corner: Point, albedo: Rgb = WOOD, back: str = "+y") -> list[Quad]:
    """A seat on legs with a back on the named side."""
    x, y, z = corner
    quads = table(corner, (0.44, 0.44, 0.45), albedo)
    side = {
        "+y": ((x, y + 0.40, z + 0.45), (0.44, 0.04, 0.45)),
        "-y": ((x, y, z + 0.45), (0.44, 0.04, 0.45)),
        "+x": ((x + 0.40, y, z + 0.45), (0.04, 0.44, 0.45)),
        "-x": ((x, y, z + 0.45), (0.04, 0.44, 0.45)),
    }[back]
    return quads + slab(*side, albedo)


def sofa(corner: Point, width: float, albedo: Rgb, back: str) -> list[Quad]:
    """Base, seat cushions, back and arms; `back` is "-x" or "+x", the sofa runs along y."""
    x, y, z = corner
    depth = 0.9
    quads = slab((x, y, z + 0.08), (depth, width, 0.30), albedo)
    back_x = x if back == "-x" else x + depth - 0.22
    seat_x = x + 0.22 if back == "-x" else x
    quads += slab((back_x, y, z + 0.38), (0.22, width, 0.45), albedo)
    quads += slab((x, y, z + 0.38), (depth, 0.2, 0.22), albedo)
    quads += slab((x, y + width - 0.2, z + 0.38), (depth, 0.2, 0.22), albedo)
    cushion = (width - 0.4) / 2
    lighter = (min(1.0, albedo[0] * 1.15), min(1.0, albedo[1] * 1.15), min(1.0, albedo[2] * 1.15))
    for k in range(2):
        quads += slab((seat_x, y + 0.2 + k * cushion + 0.01, z + 0.38), (0.68, cushion - 0.02, 0.12), lighter)
    return quads


def shelves(rng: np.random.Generator, corner: Point, size: Point, levels: int, albedo: Rgb, goods: str) -> list[Quad]:
    """Boards with things on them; `goods` is "books" or "boxes". Runs along the longer side."""
    (x, y, z), (w, d, h) = corner, size
    step = h / levels
    quads: list[Quad] = []
    for level in range(levels + 1):
        quads += slab((x, y, z + level * step), (w, d, 0.03), albedo)
    along_y = d > w
    for end in (0.0, (d if along_y else w) - 0.03):
        quads += slab((x, y + end, z), (w, 0.03, h), albedo) if along_y else slab((x + end, y, z), (0.03, d, h), albedo)
    for level in range(levels):
        quads += _goods(rng, (x, y, z + level * step + 0.03), (w, d, step - 0.06), along_y, goods)
    return quads


def _goods(rng: np.random.Generator, corner: Point, size: Point, along_y: bool, goods: str) -> list[Quad]:
    """One shelf's load: things side by side with gaps."""
    (x, y, z), (w, d, h) = corner, size
    thick, spread = (0.05, 0.04) if goods == "books" else (0.35, 0.15)
    quads: list[Quad] = []
    position, end = 0.06, (d if along_y else w) - 0.08
    while position < end - thick - spread:
        width = thick + spread * rng.random()
        tall = h * rng.uniform(0.55, 0.95)
        if goods == "books":
            hue = rng.random(3) ** 1.5 * 0.6 + 0.03
        else:
            hue = np.array([0.42, 0.28, 0.16]) * rng.uniform(0.7, 1.2)
        albedo = (float(hue[0]), float(hue[1]), float(hue[2]))
        if rng.random() < 0.85:
            if along_y:
                quads += slab((x + 0.04, y + position, z), (w - 0.08, width - 0.01, tall), albedo)
            else:
                quads += slab((x + position, y + 0.04, z), (width - 0.01, d - 0.08, tall), albedo)
        position += width
    return quads


def cabinets(corner: Point, size: Point, doors: int, front: str, albedo: Rgb, top: str | None = None) -> list[Quad]:
    """A run of cupboards along its longer side with door gaps and handles on the `front` side; `top` is a texture."""
    (x, y, z), (w, d, h) = corner, size
    quads = slab(corner, size, albedo)
    if top is not None:
        quads += slab((x - 0.01, y - 0.01, z + h), (w + 0.02, d + 0.02, 0.04), (1.0, 1.0, 1.0), top)
    along_y = front in ("+x", "-x")
    face = {"+x": x + w, "-x": x - 0.012, "+y": y + d, "-y": y - 0.012}[front]
    for k in range(doors):
        length = (d if along_y else w) / doors
        low, wide = k * length + 0.012, length - 0.024
        if along_y:
            quads += slab((face, y + low, z + 0.02), (0.012, wide, h - 0.04), albedo)
            quads += slab((face - 0.02, y + low + wide * 0.4, z + h * 0.82), (0.05, wide * 0.2, 0.02), METAL)
        else:
            quads += slab((x + low, face, z + 0.02), (wide, 0.012, h - 0.04), albedo)
            quads += slab((x + low + wide * 0.4, face - 0.02, z + h * 0.82), (wide * 0.2, 0.05, 0.02), METAL)
    return quads


def window(wall: str, at: float, center: Point, size: tuple[float, float], light: Rgb, panes: int = 2) -> list[Quad]:
    """A bright window of `size` (width, height) on the wall "x" or "y" at coordinate `at`, with frame and bars."""
    (cx, cy, cz), (w, h) = center, size
    inward = 0.04 if at < 0 else -0.04
    frame: Rgb = (0.75, 0.75, 0.73)
    along_x = wall == "y"
    if along_x:
        pane = Quad((cx - w / 2, at + inward / 2, cz - h / 2), (w, 0, 0), (0, 0, h), (0, 0, 0), light, window=True)
    else:
        pane = Quad((at + inward / 2, cy - w / 2, cz - h / 2), (0, w, 0), (0, 0, h), (0, 0, 0), light, window=True)
    quads = [pane]
    bars = [(-w / 2 + k * w / panes, -h / 2, 0.05, h) for k in range(panes + 1)]
    bars += [(-w / 2, level, w, 0.05) for level in (-h / 2, 0.1 * h, h / 2)]
    for side, low, wide, tall in bars:
        start, thick = min(at + inward / 2, at + 1.6 * inward), abs(1.1 * inward)
        if along_x:
            quads += slab((cx + side - 0.025, start, cz + low - 0.025), (wide + 0.05, thick, tall + 0.025), frame)
        else:
            quads += slab((start, cy + side - 0.025, cz + low - 0.025), (thick, wide + 0.05, tall + 0.025), frame)
    return quads


def ceiling_panel(center: Point, size: tuple[float, float], light: Rgb) -> list[Quad]:
    """A flat lamp facing down, set just under the ceiling, with a rim."""
    (x, y, z), (w, d) = center, size
    lamp = Quad((x - w / 2, y - d / 2, z - 0.03), (w, 0, 0), (0, d, 0), (0, 0, 0), light)
    return [lamp, *slab((x - w / 2 - 0.02, y - d / 2 - 0.02, z - 0.025), (w + 0.04, d + 0.04, 0.025), (0.7, 0.7, 0.7))]


def picture(wall: str, at: float, center: Point, size: tuple[float, float], albedo: Rgb) -> list[Quad]:
    """A framed picture (or a board, a door leaf, a screen) on the wall "x" or "y" at coordinate `at`."""
    (cx, cy, cz), (w, h) = center, size
    thick, inward = 0.03, (0.0 if at < 0 else -0.03)
    quads: list[Quad] = []
    for grow, depth, color in ((0.04, thick, (0.10, 0.08, 0.06)), (0.0, thick + 0.006, albedo)):
        offset = inward if grow else inward * 1.2
        if wall == "y":
            quads += slab(
                (cx - w / 2 - grow, at + offset, cz - h / 2 - grow), (w + 2 * grow, depth, h + 2 * grow), color
            )
        else:
            quads += slab(
                (at + offset, cy - w / 2 - grow, cz - h / 2 - grow), (depth, w + 2 * grow, h + 2 * grow), color
            )
    return quads


def floor_lamp(corner: Point, height: float, light: Rgb) -> list[Quad]:
    """A pole with a glowing shade."""
    x, y, z = corner
    quads = slab((x - 0.14, y - 0.14, z), (0.28, 0.28, 0.03), METAL)
    quads += slab((x - 0.012, y - 0.012, z), (0.024, 0.024, height - 0.3), METAL)
    return quads + slab((x - 0.18, y - 0.18, z + height - 0.3), (0.36, 0.36, 0.3), (0.8, 0.7, 0.55), None, light)
