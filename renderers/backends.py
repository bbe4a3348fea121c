"""Choosing a renderer."""

from __future__ import annotations

import logging
from functools import lru_cache, partial
from typing import Literal

from renderers.distortion import LensRenderer
from renderers.errors import RendererUnavailable
from renderers.frame import Renderer
from renderers.sensor import SensorRenderer

Backend = Literal["auto", "filament", "classic", "mitsuba", "isaac"]
Quality = Literal["fast", "quality"]


def open_renderer(name: Backend = "auto", *, width: int, height: int, quality: Quality = "fast") -> Renderer:
    """A renderer for pictures of one size, through any lens and sensor.

    "auto" is Filament, or MuJoCo's classic renderer where there is no Vulkan; the fallback is logged once a
    process, and `Renderer.name` says for the run's metadata which one it is.

    Args:
        name: which backend.
        width: pixels of every picture.
        height: pixels of every picture.
        quality: "fast", or "quality": with Filament ambient occlusion and smoother edges and shadows, with Mitsuba and
            Isaac Sim four times as many paths.

    Raises:
        RendererUnavailable: if the backend cannot start here; the message names the packages that it needs.
    """
    if name == "classic":
        return SensorRenderer(LensRenderer(_classic, width, height))
    if name == "mitsuba":
        open_mitsuba = partial(_mitsuba, quality=quality)
        return SensorRenderer(LensRenderer(open_mitsuba, width, height, square_pixels=True))
    if name == "isaac":
        return SensorRenderer(_isaac(quality))
    try:
        return SensorRenderer(LensRenderer(partial(_filament, quality=quality), width, height))
    except RendererUnavailable as reason:
        if name == "filament":
            raise
        renderer = SensorRenderer(LensRenderer(_classic, width, height))
        _announce_fallback(str(reason))
        return renderer


def _filament(width: int, height: int, quality: Quality) -> Renderer:
    from renderers.filament import FilamentRenderer

    return FilamentRenderer(width, height, quality)


def _mitsuba(width: int, height: int, quality: Quality) -> Renderer:
    from renderers.mitsuba import SAMPLES, MitsubaRenderer

    return MitsubaRenderer(width, height, SAMPLES[quality])


def _isaac(quality: Quality) -> Renderer:
    from renderers.isaac.renderer import SUBFRAMES, IsaacRenderer

    return IsaacRenderer(SUBFRAMES[quality])


def _classic(width: int, height: int) -> Renderer:
    from renderers.classic import ClassicRenderer

    return ClassicRenderer(width, height)


@lru_cache
def _announce_fallback(reason: str) -> None:
    """Say it once."""
    logging.getLogger(__name__).warning("%s. Falling back to MuJoCo's classic renderer.", reason)
