"""Domes and textures from files, from the index to the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assets_index.asset import Source
from assets_index.errors import MissingAsset
from assets_index.index import AssetIndex
from assets_index.seeding import Stage, generator
from assets_index.surface_library import PROCEDURAL
from assets_index.surface_store import surface_id
from assets_index.surfaces import Dome
from renderers.look import DomeLook, Look, SurfaceLook
from renderers.look_axes import DomeAxis, LookConfig, TableAxis
from renderers.sampling import sample_look
from renderers.scene import RenderScene
from tests.renderers.opened import BACKENDS, opened
from tests.renderers.shapes import front, plain_look, table

SOURCE = Source(kind="folder", reference="a", creator="A. Person", license="CC0-1.0")
GREEN_TABLE, RED_DOME = TableAxis(ids=("*",), sources=("folder",), tags=("table",)), DomeAxis(sources=("folder",))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> AssetIndex:
    """With a red dome, a green texture for tables, and one that is for nothing."""
    made = AssetIndex.open(tmp_path_factory.mktemp("assets"))
    red = np.broadcast_to(np.array([1.0, 0.2, 0.2], np.float32), (64, 128, 3)).copy()
    dome = Dome(id="", kind="room", radiance=red, source=SOURCE, tags=("room",))
    made.add_surface(replace(dome, id=surface_id("red", dome)))
    green = np.broadcast_to(np.array([30, 150, 30], np.uint8), (16, 16, 3)).copy()
    for number, tags in enumerate((("paint", "table"), ("paint",))):
        source = SOURCE.model_copy(update={"reference": str(number)})
        texture = replace(PROCEDURAL.texture("paper-white"), id="", albedo=green, source=source, tags=tags)
        made.add_surface(replace(texture, id=surface_id(f"green-{number}", texture)))
    return made


def sampled(index: AssetIndex, config: LookConfig, number: int = 0) -> Look:
    scene = RenderScene((table(),), surfaces=index.surfaces)
    return sample_look(config, number, 0, generator(0, Stage.LOOK, number), scene=scene, cameras=())


def test_looks_take_ingested_surfaces_where_an_axis_says_so(index: AssetIndex) -> None:
    config = LookConfig(dome=RED_DOME, table=GREEN_TABLE)
    for number in range(4):
        look = sampled(index, config, number)
        assert look.dome.dome_id.startswith("red-")
        assert look.table.texture_id.startswith("green-0-")
    both = LookConfig(dome=DomeAxis(sources=("procedural", "folder"), tags=("room",)))
    drawn = {sampled(index, both, number).dome.dome_id.partition("-")[0] for number in range(40)}
    assert drawn == {"red", "room"}


def test_what_an_index_holds_besides_changes_no_look(index: AssetIndex) -> None:
    assert sampled(index, LookConfig()) == sampled(AssetIndex.open(index.root.parent / "other"), LookConfig())


def test_a_choice_that_nothing_fits_says_what_was_asked(index: AssetIndex) -> None:
    with pytest.raises(MissingAsset, match=r"no dome fits ids \*, sources folder, tags sky; of these .* red-"):
        sampled(index, LookConfig(dome=DomeAxis(sources=("folder",), tags=("sky",))))


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_draws_ingested_surfaces(index: AssetIndex, backend: str) -> None:
    scene = RenderScene((table(),), surfaces=index.surfaces)
    look = sampled(index, LookConfig(dome=RED_DOME, table=GREEN_TABLE))
    named = plain_look(
        dome=DomeLook(dome_id=look.dome.dome_id), table=SurfaceLook(texture_id=look.table.texture_id, roughness=0.9)
    )
    renderer = opened(backend, 64, 64)
    renderer.open(scene, named)
    rgb = renderer.draw({"table": np.eye(4)}, front(64, 64)).rgb.astype(int)
    renderer.close()
    sky, top = rgb[0, 32], rgb[40, 32]
    assert sky[0] > 1.5 * sky[1]
    assert top[1] > top[2]
    assert top[1] > 1.2 * top[0]
