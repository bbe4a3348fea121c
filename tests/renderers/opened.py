"""The backends that tests run over."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec

import pytest

from renderers.backends import open_renderer
from renderers.distortion import LensRenderer
from renderers.frame import Renderer

QUICK = ("filament", "classic")
INSTALLED = (*QUICK, "mitsuba") if find_spec("mitsuba") else QUICK

needs_mitsuba = pytest.mark.skipif("mitsuba" not in INSTALLED, reason="needs the extra photoreal")
BACKENDS = (*QUICK, pytest.param("mitsuba", marks=needs_mitsuba))
"""All of them, to be parametrized over."""


def opened(name: str, width: int = 224, height: int = 224) -> Renderer:
    """A backend; Mitsuba with a single path a pixel, which is enough to tell what is where."""
    if name != "mitsuba":
        return open_renderer(name, width=width, height=height)  # type: ignore[arg-type]
    from renderers.mitsuba import MitsubaRenderer

    return LensRenderer(partial(MitsubaRenderer, samples=1), width, height, square_pixels=True)
