"""Photographed surfaces: their normals and roughness as each backend draws them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from assets_index.surface_library import PROCEDURAL, SurfaceLibrary
from assets_index.surfaces import Texture
from renderers.backends import open_renderer
from renderers.camera import CameraView, Intrinsics, look_at
from renderers.drawables import drawables
from renderers.frame import Renderer
from renderers.look import LightLook, SurfaceLook
from renderers.scene import RenderScene
from tests.renderers.opened import INSTALLED
from tests.renderers.shapes import plain_look, table

SIZE = 32
TILTS = {"flat": (0.0, 0.0, 1.0), "right": (0.6, 0.0, 0.8), "up": (0.0, 0.6, 0.8)}
FROM_RIGHT, FROM_LEFT, FROM_FAR, FROM_NEAR = (-0.6, 0.0, -0.8), (0.6, 0.0, -0.8), (0.0, -0.6, -0.8), (0.0, 0.6, -0.8)


def tile(tilt: str = "flat", **maps: object) -> Texture:
    """A gray one that faces everywhere as its normal map says."""
    code = np.rint(255 * (np.array(TILTS[tilt]) + 1) / 2).astype(np.uint8)
    normals = np.ascontiguousarray(np.broadcast_to(code, (8, 8, 3)))
    gray = np.full((8, 8, 3), 130, np.uint8)
    return replace(PROCEDURAL.texture("concrete-light"), id="tile", albedo=gray, normals=normals, **maps)


@dataclass(frozen=True, eq=False)
class OneTexture(SurfaceLibrary):
    """A library in which every texture is the same."""

    only: Texture | None = None

    def texture(self, texture_id: str) -> Texture:
        return self.only or super().texture(texture_id)


def brightness(renderer: Renderer, texture: Texture, light: tuple[float, float, float]) -> float:
    """Of the table seen from above."""
    scene = RenderScene((table(),), surfaces=OneTexture(only=texture))
    pose = look_at((0.5, 0.0, 0.9), (0.501, 0.0, 0.0))
    view = CameraView("top", SIZE, SIZE, Intrinsics.of_fov(SIZE, SIZE, 0.5).matrix, pose.matrix)
    sun = LightLook(direction=light, intensity=3.0)
    renderer.open(scene, plain_look(light=sun, table=SurfaceLook(texture_id="tile", roughness=0.8)))
    return float(renderer.draw({"table": np.eye(4)}, view).rgb[8:24, 8:24].mean())


@pytest.fixture(params=[name for name in INSTALLED if name != "classic"])
def shading_renderer(request: pytest.FixtureRequest) -> Iterator[Renderer]:
    """Each backend that has normal maps, for small pictures."""
    made = open_renderer(request.param, width=SIZE, height=SIZE)
    yield made
    made.close()


def test_maps_of_roughness_and_metal_say_what_numbers_say(shading_renderer: Renderer) -> None:
    """An even map of half the texture's scale is drawn as that number is."""
    even = np.full((8, 8), 128, np.uint8)
    plain = replace(tile(), normals=None, roughness=128 / 255, metallic=128 / 255)
    mapped = replace(plain, roughness_map=even, metallic_map=even)
    drawn = [brightness(shading_renderer, each, FROM_FAR) for each in (plain, mapped)]
    assert drawn[0] == pytest.approx(drawn[1], abs=1.5)
    assert abs(drawn[0] - brightness(shading_renderer, replace(plain, metallic=0.0), FROM_FAR)) > 5.0


def test_no_face_of_a_covered_thing_is_mirrored() -> None:
    part = drawables(RenderScene((table(),)), plain_look())[0].part
    assert part.uv is not None
    a, b, c = (part.vertices[part.faces[:, k]] for k in range(3))
    u, v, w = (part.uv[part.faces[:, k]] for k in range(3))
    outside = (np.cross(b - a, c - a) * part.normals[part.faces[:, 0]]).sum(1)
    assert (np.sign(outside) == np.sign(np.linalg.det(np.stack([v - u, w - u], 1)))).all()


def test_normal_maps_turn_the_light_as_they_lie_in_the_picture(shading_renderer: Renderer) -> None:
    for tilt, (towards, away) in {"right": (FROM_RIGHT, FROM_LEFT), "up": (FROM_FAR, FROM_NEAR)}.items():
        flat, facing, turned = (
            brightness(shading_renderer, tile(name), light)
            for name, light in (("flat", towards), (tilt, towards), (tilt, away))
        )
        assert facing > 1.05 * flat > 1.1 * turned
