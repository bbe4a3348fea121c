"""Colours, grain and printed labels, drawn as albedo maps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFont

from assets_index.transforms import Array, Vec3

Albedo = NDArray[np.uint8]

# Pleasant, saturated members of each word, well inside it so that jitter and print leave the word true.
PAINTS: dict[str, tuple[tuple[int, int, int], ...]] = {
    "red": ((196, 32, 34), (178, 28, 40), (208, 46, 38)),
    "orange": ((238, 126, 24), (232, 112, 28)),
    "yellow": ((244, 208, 42), (238, 196, 36)),
    "green": ((44, 138, 62), (70, 158, 66), (32, 110, 56)),
    "blue": ((34, 82, 178), (44, 104, 196), (28, 60, 140)),
    "purple": ((112, 50, 142), (98, 42, 122)),
    "pink": ((234, 128, 166), (238, 152, 184)),
    "brown": ((122, 80, 48), (146, 98, 60)),
    "black": ((26, 26, 28), (34, 34, 38)),
    "gray": ((124, 126, 128), (150, 152, 154)),
    "white": ((240, 240, 236), (246, 244, 238)),
}

BRANDS = (
    "Molvi", "Zarno", "Pelika", "Brunta", "Kelmo", "Ovanti", "Sumbri", "Larko",
    "Tivalo", "Quenda", "Rovika", "Fendo", "Havelu", "Dorabi", "Mirtu", "Welko",
)  # fmt: skip
"""Invented names; none is a trade mark known to us."""


def paint(rng: np.random.Generator, words: Sequence[str]) -> Vec3:
    """A colour of one of the words, sRGB in 0..1, slightly different each time."""
    shades = PAINTS[words[int(rng.integers(len(words)))]]
    r, g, b = np.clip(np.array(shades[int(rng.integers(len(shades)))]) + rng.integers(-6, 7, 3), 0, 255) / 255
    return float(r), float(g), float(b)


LIVELY = ("red", "orange", "yellow", "green", "blue", "purple", "pink")
PAPER: Vec3 = (0.95, 0.94, 0.9)


def choose(rng: np.random.Generator, options: Sequence[str]) -> str:
    """One of the options."""
    return options[int(rng.integers(len(options)))]


def accent_on(rng: np.random.Generator, base_word: str) -> Vec3:
    """A colour that stands out from one of that word."""
    return paint(rng, [word for word in (*LIVELY, "white") if word != base_word])


def brand_name(rng: np.random.Generator) -> str:
    """One of `BRANDS`."""
    return choose(rng, BRANDS)


def contrast(color: ArrayLike) -> Vec3:
    """White on dark colours, near black on light ones."""
    luminance = float(np.asarray(color, float) @ [0.299, 0.587, 0.114])
    return (0.97, 0.97, 0.95) if luminance < 0.55 else (0.12, 0.12, 0.14)


def noise(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> Array:
    """Smooth noise in -1..1 that tiles, (height, width), with `cells` lumps along each side."""
    grid = rng.uniform(-1.0, 1.0, cells)
    return np.clip(_periodic_cubic(shape[0], cells[0]) @ grid @ _periodic_cubic(shape[1], cells[1]).T, -1.0, 1.0)


def _periodic_cubic(samples: int, knots: int) -> Array:
    """Weights (samples, knots) of Catmull-Rom interpolation on a closed line.

    In double precision by numpy, for an image library's float kernels differ from processor to processor.
    """
    position = (np.arange(samples) + 0.5) / samples * knots
    left = np.floor(position).astype(int)
    t = position - left
    taps = 0.5 * np.stack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3], axis=-1
    )
    weights = np.zeros((samples, knots))
    for tap in range(4):
        np.add.at(weights, (np.arange(samples), (left + tap - 1) % knots), taps[:, tap])
    return weights


def blend(base: ArrayLike, over: ArrayLike, weight: ArrayLike) -> Array:
    """`over` laid on `base` by weights in 0..1 of shape (H, W); colours (3,) or maps (H, W, 3)."""
    share = np.clip(np.asarray(weight, float), 0.0, 1.0)[..., None]
    return np.asarray(base, float) * (1.0 - share) + np.asarray(over, float) * share


def to_albedo(colors: ArrayLike) -> Albedo:
    """Map of sRGB in 0..1 to uint8."""
    return np.round(np.clip(np.asarray(colors, float), 0.0, 1.0) * 255).astype(np.uint8)


def mottled(rng: np.random.Generator, color: ArrayLike, amount: float, size: int = 128) -> Array:
    """A colour with lumps of a few scales, as most real surfaces have; (size, size, 3) in 0..1."""
    lumps = np.mean([noise(rng, (size, size), (n, n)) / k for k, n in enumerate((4, 9, 22), 1)], axis=0) * 1.6
    return np.clip(np.asarray(color, float) * (1.0 + amount * lumps[..., None]), 0.0, 1.0)


def wood_grain(rng: np.random.Generator, color: ArrayLike, size: int = 128) -> Array:
    """Wood with its grain along v; (size, size, 3) in 0..1."""
    bend = noise(rng, (size, size), (3, 3)) * 2.0 + noise(rng, (size, size), (2, 7)) * 0.4
    across = np.linspace(0.0, 2 * np.pi * 5, size, endpoint=False)[None, :]
    rings = 0.5 + 0.5 * np.sin(across + bend * 1.6)
    fibre = noise(rng, (size, size), (4, 64))
    return np.clip(np.asarray(color, float) * (1.0 - 0.2 * rings - 0.07 * fibre)[..., None], 0.0, 1.0)


def _rgb(color: ArrayLike) -> tuple[int, int, int]:
    r, g, b = (int(v) for v in to_albedo(color))
    return r, g, b


def printed_panel(
    rng: np.random.Generator,
    size: tuple[int, int],
    base: ArrayLike,
    accent: ArrayLike,
    words: tuple[str, str],
    *,
    scale: float = 1.0,
) -> Albedo:
    """The front of a package: a brand, a product word, a band and a motif.

    Args:
        rng: chooses the motif and where the band lies.
        size: width and height in pixels.
        base: background, sRGB in 0..1.
        accent: colour of the band and the motif.
        words: brand and product.
        scale: size of the print; smaller leaves more of the base colour.
    """
    width, height = size
    canvas = Image.new("RGB", (2 * width, 2 * height), _rgb(base))
    draw = ImageDraw.Draw(canvas)
    band = scale * 0.16 * canvas.height
    top = canvas.height * float(rng.uniform(0.16, 0.26))
    draw.rectangle((0, top, canvas.width, top + band), fill=_rgb(accent))
    _centered_text(draw, words[0], canvas.width, top, band, contrast(accent))
    _motif(draw, int(rng.integers(4)), (canvas.width / 2, 0.6 * canvas.height), 0.17 * scale * min(canvas.size), accent)
    _centered_text(draw, words[1], canvas.width, 0.8 * canvas.height, 0.09 * canvas.height * scale, contrast(base))
    return np.asarray(canvas.resize(size, Image.Resampling.BOX))


def _centered_text(
    draw: ImageDraw.ImageDraw, text: str, width: float, top: float, height: float, color: ArrayLike
) -> None:
    font = ImageFont.load_default(max(8.0, 0.7 * height))
    length = draw.textlength(text, font=font)
    if length > 0.88 * width:
        font = ImageFont.load_default(max(8.0, 0.7 * height * 0.88 * width / length))
    draw.text((width / 2, top + height / 2), text, font=font, fill=_rgb(color), anchor="mm")


def _motif(draw: ImageDraw.ImageDraw, kind: int, center: tuple[float, float], radius: float, color: ArrayLike) -> None:
    fill = _rgb(color)
    x, y = center
    if kind == 0:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
        return
    points = {
        1: [
            (np.cos(a) * r, np.sin(a) * r)
            for a, r in zip(np.arange(10) * np.pi / 5 - np.pi / 2, [1.0, 0.45] * 5, strict=True)
        ],
        2: [(np.cos(a), np.sin(a)) for a in np.arange(4) * np.pi / 2],
        3: [(np.cos(a) * 1.1, np.sin(a) * 0.55 * (1 - 0.5 * np.cos(a))) for a in np.linspace(0, 2 * np.pi, 24)],
    }[kind]
    draw.polygon([(x + radius * px, y + radius * py) for px, py in points], fill=fill)
