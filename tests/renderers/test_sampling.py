from __future__ import annotations

import numpy as np
import pytest

from assets_index.domes import dome_ids
from assets_index.errors import InvalidConfig, MissingAsset
from assets_index.schema import validate
from assets_index.seeding import Stage, generator
from assets_index.textures import texture_ids
from renderers.backends import open_renderer
from renderers.camera import camera_view, front_camera, project, wrist_camera
from renderers.drawables import drawables
from renderers.look import DomeLook, Look
from renderers.sampling import DomeAxis, LookConfig, sample_look
from renderers.scene import Poses, RenderScene
from tests.renderers.shapes import clutter, front, plain_look

AXES = ("dome", "light", "table", "floor", "finish", "camera", "exposure", "sensor")
CAMERAS = (front_camera(), wrist_camera())


def sampled(number: int, config: LookConfig | None = None) -> Look:
    scene, _ = clutter()
    rng = generator(0, Stage.LOOK, number)
    return sample_look(
        config or LookConfig(),
        number,
        0,
        rng,
        scene=scene,
        cameras=CAMERAS,
        texture_ids=texture_ids(),
        dome_ids=dome_ids(),
    )


def test_a_look_depends_on_its_seed_alone_and_survives_storage() -> None:
    assert sampled(3) == sampled(3) != sampled(4)
    assert Look.model_validate_json(sampled(3).model_dump_json()) == sampled(3)


def test_looks_vary_in_everything_that_may_vary() -> None:
    looks = [sampled(i) for i in range(24)]
    assert len({look.dome.dome_id for look in looks}) > 6
    assert len({look.table.texture_id for look in looks}) > 10
    assert len({look.floor.texture_id for look in looks}) > 6
    assert all(look.light.direction[2] < -0.5 for look in looks)
    assert all(np.linalg.norm(look.light.direction) == pytest.approx(1.0) for look in looks)


@pytest.mark.parametrize("axis", AXES)
def test_an_axis_switched_off_leaves_the_others_as_they_were(axis: str) -> None:
    full = LookConfig()
    off = full.model_copy(update={axis: getattr(full, axis).model_copy(update={"vary": False})})
    with_it, without = sampled(5), sampled(5, off)
    field = {"finish": "finishes", "camera": "cameras"}.get(axis, axis)
    assert getattr(with_it, field) != getattr(without, field)
    assert with_it.model_copy(update={field: None}) == without.model_copy(update={field: None})
    assert getattr(sampled(6, off), field) == getattr(without, field)


def test_colours_of_things_stay_whatever_the_look() -> None:
    scene, _ = clutter()
    for number in range(4):
        pieces = [piece for piece in drawables(scene, sampled(number)) if piece.body.startswith("thing")]
        originals = [part for body in scene.bodies[1:] for part in body.parts]
        assert [piece.part.material.color for piece in pieces] == [part.material.color for part in originals]
        assert [piece.metallic for piece in pieces] == [part.material.metallic for part in originals]


def test_jitter_keeps_the_workspace_in_the_picture() -> None:
    workspace = np.array([(x, y, 0.0) for x in (0.28, 0.75) for y in (-0.4, 0.4)])
    for number in range(50):
        pixels, _ = project(workspace, camera_view(CAMERAS[0], sampled(number), np.eye(4)))
        assert (pixels > -5).all()
        assert (pixels < 229).all()


def test_a_pattern_that_fits_nothing_names_itself() -> None:
    with pytest.raises(MissingAsset, match=r"no dome fits sea-\*"):
        sampled(0, LookConfig(dome=DomeAxis(ids=("sea-*",))))


def test_an_unknown_axis_is_an_error() -> None:
    with pytest.raises(InvalidConfig, match="fog"):
        validate({"fog": {"vary": True}}, LookConfig, "run.yaml")


def test_a_missing_texture_is_named(cluttered: tuple[RenderScene, Poses]) -> None:
    look = plain_look()
    look = look.model_copy(update={"floor": look.floor.model_copy(update={"texture_id": "lava"})})
    with pytest.raises(MissingAsset, match="lava"):
        drawables(cluttered[0], look)


@pytest.mark.parametrize("backend", ["filament", "classic"])
def test_no_dome_makes_pictures_black_or_burnt(backend: str, cluttered: tuple[RenderScene, Poses]) -> None:
    scene, poses = cluttered
    renderer = open_renderer(backend, width=64, height=64)  # type: ignore[arg-type]
    for name in dome_ids():
        renderer.open(scene, plain_look(dome=DomeLook(dome_id=name, rotation=1.0)))
        rgb = renderer.draw(poses, front(64, 64)).rgb
        assert 50 < rgb.mean() < 200, name
        assert (rgb.min(-1) > 250).mean() < 0.15, name
        assert (rgb.max(-1) < 5).mean() < 0.15, name
    renderer.close()
