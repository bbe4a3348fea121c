from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from assets_index.describe import dominant_color
from assets_index.domes import dome_ids
from assets_index.errors import InvalidConfig, MissingAsset
from assets_index.schema import validate
from assets_index.seeding import Stage, generator
from assets_index.textures import texture_ids
from renderers.backends import open_renderer
from renderers.camera import camera_view, project
from renderers.camera_presets import front_camera, wrist_camera
from renderers.drawables import drawables
from renderers.finishes import keeps_words, pattern_keeps_words, sample_finish
from renderers.light_color import light_color
from renderers.look import DomeLook, Finish, LampLook, LensLook, LightLook, Look, RoomLook, SurfaceLook
from renderers.look_axes import DomeAxis, FinishAxis, LampAxis, LookConfig
from renderers.sampling import sample_look
from renderers.scene import Poses, RenderScene
from renderers.surroundings import KINDS, surroundings
from tests.renderers.shapes import body, clutter, front, plain_look

AXES = tuple(LookConfig.model_fields)
FIELDS = {"finish": ("finishes",), "camera": ("cameras", "lenses")}
ALWAYS = LookConfig(
    room=LookConfig().room.model_copy(update={"share": 1.0}),
    lamps=LampAxis(number=(1, 3)),
    furniture=LookConfig().furniture.model_copy(update={"number": (1, 4)}),
)
"""Lamps, walls and furniture in every look."""
CAMERAS = (front_camera(), wrist_camera())


def sampled(number: int, config: LookConfig | None = None, scene: RenderScene | None = None) -> Look:
    scene = scene or clutter()[0]
    rng = generator(0, Stage.LOOK, number)
    return sample_look(config or LookConfig(), number, 0, rng, scene=scene, cameras=CAMERAS)


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
    off = ALWAYS.model_copy(update={axis: getattr(ALWAYS, axis).model_copy(update={"vary": False})})
    with_it, without = sampled(5, ALWAYS), sampled(5, off)
    fields = FIELDS.get(axis, (axis,))
    for field in fields:
        assert getattr(with_it, field) != getattr(without, field)
        assert getattr(sampled(6, off), field) == getattr(without, field)
    blank = dict.fromkeys(fields)
    assert with_it.model_copy(update=blank) == without.model_copy(update=blank)


def test_colours_of_things_vary_and_keep_their_names() -> None:
    wild = LookConfig(finish=FinishAxis(tint=0.4))
    scene, _ = clutter()
    originals = [part for body in scene.bodies[1:] for part in body.parts]
    changed = 0
    for number in range(8):
        pieces = [piece for piece in drawables(scene, sampled(number, wild)) if piece.body.startswith("thing")]
        for piece, original in zip(pieces, originals, strict=True):
            assert dominant_color([piece.part]) == dominant_color([original])
            assert piece.metallic == original.material.metallic == 0.0
            changed += piece.part.material.color != original.material.color
    assert 8 < changed < 8 * len(originals)


def test_a_change_that_contradicts_a_word_is_refused() -> None:
    red = body("mug", 3, trimesh.creation.box((0.1, 0.1, 0.1)), (0.78, 0.12, 0.12))
    assert keeps_words(red.parts, (0.95, 1.0, 1.0))
    assert not keeps_words(red.parts, (0.2, 1.0, 1.0))


def test_only_things_of_a_material_show_its_grain() -> None:
    block = body("block", 3, trimesh.creation.box((0.1, 0.1, 0.1)), (0.6, 0.4, 0.2))
    axis, rng = FinishAxis(grain=1.0), np.random.default_rng(0)
    wooden = sample_finish(axis, rng, replace(block, material="wooden"), texture_ids())
    assert sample_finish(axis, rng, replace(block, material="plastic"), texture_ids()).grain is None
    assert wooden.grain is not None
    assert wooden.grain.texture_id.startswith("wood-")
    look = plain_look(finishes={"block": Finish(grain=wooden.grain)})
    grained = drawables(RenderScene((block,)), look)[0].part
    assert grained.albedo is not None
    assert dominant_color([grained]) == dominant_color(block.parts) == "brown"


def test_a_pattern_that_contradicts_a_word_is_refused() -> None:
    box = trimesh.creation.box((0.1, 0.1, 0.1))
    brown, nearly_orange = body("block", 3, box, (0.45, 0.26, 0.12)), body("block", 3, box, (0.64, 0.36, 0.11))
    assert pattern_keeps_words(brown.parts, (1.0, 1.0, 1.0), "wood-oak")
    assert not pattern_keeps_words(nearly_orange.parts, (1.0, 1.0, 1.0), "wood-oak")


def test_light_is_warm_below_and_cool_above_the_white_of_day() -> None:
    assert light_color(6500.0) == (1.0, 1.0, 1.0)
    red, green, blue = light_color(2700.0)
    assert red == 1.0 > green > blue > 0.1
    red, green, blue = light_color(9000.0)
    assert red < green < blue == 1.0


def test_furniture_stands_on_the_floor_clear_of_the_work_space() -> None:
    scene, _ = clutter()
    for number in range(12):
        look = sampled(number, ALWAYS)
        for piece in (piece.part for piece in drawables(scene, look) if piece.part.material.name in KINDS):
            assert piece.vertices[:, 2].min() == pytest.approx(scene.floor_height)
            assert np.linalg.norm(piece.vertices[:, :2] - (0.5, 0.0), axis=1).min() > 1.4


def test_walls_and_furniture_never_shade_the_work_space() -> None:
    """Or else backends would disagree about what is lit."""
    grid = np.array([(x, y, 0.001) for x in np.linspace(0.1, 0.9, 5) for y in np.linspace(-0.6, 0.6, 5)])
    scene = RenderScene(())
    for number in range(60):
        look = sampled(number, ALWAYS, scene)
        around = [part for part, _ in surroundings(look, scene.floor_height)][1:]
        mesh = trimesh.util.concatenate([trimesh.Trimesh(part.vertices, part.faces) for part in around])
        towards = np.tile(-np.array(look.light.direction), (len(grid), 1))
        assert not mesh.ray.intersects_any(grid, towards).any()


def test_lamps_light_what_is_near_them() -> None:
    scene, poses = clutter()
    renderer = open_renderer("filament", width=96, height=96)
    pictures = []
    for y in (0.5, -0.5):
        lamp = LampLook(position=(0.5, y, 0.3), intensity=3.0)
        renderer.open(scene, plain_look(light=LightLook(direction=(0.0, 0.0, -1.0), intensity=0.1), lamps=(lamp,)))
        pictures.append(renderer.draw(poses, front(96, 96)).rgb.mean(-1)[48:])
    renderer.close()
    brighter = pictures[0] - pictures[1]
    assert brighter[:, :24].mean() > 5.0
    assert brighter[:, -24:].mean() < -5.0


@pytest.mark.parametrize("backend", ["filament", "classic"])
def test_walls_hide_the_dome_and_nothing_else(backend: str) -> None:
    scene, poses = clutter()
    renderer = open_renderer(backend, width=96, height=96)  # type: ignore[arg-type]
    wall = SurfaceLook(texture_id="plaster-white")
    room = RoomLook(lower=(-1.6, -1.9), upper=(1.6, 1.9), height=2.5, wall=wall)
    pictures = []
    for look in (plain_look(), plain_look(room=room)):
        renderer.open(scene, look)
        pictures.append(renderer.draw(poses, front(96, 96)).rgb.astype(float))
    renderer.close()
    change = np.abs(pictures[1] - pictures[0])
    assert change[0].mean() > 5.0
    assert change[-48:].mean() < 2.0


def test_a_lens_of_the_look_moves_the_picture_and_its_intrinsics_together() -> None:
    look = plain_look(lenses={"front": LensLook(focal=1.1, shift=(3.0, -2.0))})
    before, after = (camera_view(CAMERAS[0], each, np.eye(4)) for each in (plain_look(), look))
    points = np.array([(0.4, 0.1, 0.0), (0.6, -0.2, 0.1)])
    middle = before.K[:2, 2]
    assert project(points, after)[0] == pytest.approx(
        (project(points, before)[0] - middle) * 1.1 + middle + (3.0, -2.0)
    )
    assert pytest.approx(CAMERAS[1].intrinsics.matrix) == camera_view(CAMERAS[1], look, np.eye(4)).K


def test_jitter_keeps_the_workspace_in_the_picture() -> None:
    workspace = np.array([(x, y, 0.0) for x in (0.28, 0.75) for y in (-0.4, 0.4)])
    for number in range(50):
        pixels, _ = project(workspace, camera_view(CAMERAS[0], sampled(number), np.eye(4)))
        assert (pixels > -5).all()
        assert (pixels < 229).all()


def test_a_pattern_that_fits_nothing_names_itself() -> None:
    with pytest.raises(MissingAsset, match=r"no dome fits ids sea-\*"):
        sampled(0, LookConfig(dome=DomeAxis(ids=("sea-*",))))


def test_an_unknown_axis_is_an_error() -> None:
    with pytest.raises(InvalidConfig, match="fog"):
        validate({"fog": {"vary": True}}, LookConfig, "run.yaml")


@pytest.mark.parametrize("wrong", [{"room": {"height": [3.0, 2.0]}}, {"lamps": {"number": [2, 1]}}])
def test_bounds_that_are_the_wrong_way_round_are_named(wrong: dict[str, dict[str, list[float]]]) -> None:
    ((axis, settings),) = wrong.items()
    (key,) = settings
    with pytest.raises(InvalidConfig, match=f"{axis}.{key}.*the least value comes first"):
        validate(wrong, LookConfig, "run.yaml")


@pytest.mark.parametrize("axis", AXES)
def test_keys_of_an_axis_that_are_left_out_keep_its_defaults(axis: str) -> None:
    usual = getattr(LookConfig(), axis)
    given = validate({axis: {"vary": False}}, LookConfig, "run.yaml")
    assert getattr(given, axis) == usual.model_copy(update={"vary": False})


def test_keys_of_walls_that_are_left_out_keep_their_defaults() -> None:
    wall = validate({"room": {"wall": {"scale": [2.0, 3.0]}}}, LookConfig, "run.yaml").room.wall
    assert wall == LookConfig().room.wall.model_copy(update={"scale": (2.0, 3.0)})


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
