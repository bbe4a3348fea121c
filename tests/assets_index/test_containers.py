import mujoco
import numpy as np
import pytest
import shapely

from tests.assets_index.library import CONTAINERS, HOLLOW, TABLES, THINGS, inside_any_hull, on_the_ground

BALL = 0.01


@pytest.mark.parametrize("category", HOLLOW)
def test_the_cavity_is_free_and_has_a_floor(category: str) -> None:
    rng = np.random.default_rng(0)
    for thing in THINGS[category]:
        cavity = thing.asset.cavity
        assert cavity is not None
        opening = shapely.Polygon(cavity.opening)
        assert opening.is_valid
        assert opening.convex_hull.area == pytest.approx(opening.area, rel=1e-6)
        assert opening.contains(shapely.Point(0, 0))
        lower, upper = np.array(opening.bounds[:2]), np.array(opening.bounds[2:])
        across = rng.uniform(lower, upper, (400, 2))
        across = across[shapely.contains_xy(opening, *across.T)]
        heights = rng.uniform(cavity.floor, cavity.rim + 0.05, len(across))
        assert not inside_any_hull(thing, np.column_stack([across, heights]), 1e-4).any()
        below = np.column_stack([across, np.full(len(across), cavity.floor - 5e-4)])
        assert inside_any_hull(thing, below, 0.0).all()


@pytest.mark.parametrize("category", HOLLOW)
def test_a_ball_dropped_in_stays_in(category: str) -> None:
    rng = np.random.default_rng(1)
    for thing in THINGS[category]:
        cavity = thing.asset.cavity
        assert cavity is not None
        room = shapely.Polygon(cavity.opening).buffer(-BALL - 0.002)
        start = rng.uniform(room.bounds[:2], room.bounds[2:], (40, 2))
        start = start[shapely.contains_xy(room, *start.T)][:3]
        spec = on_the_ground(thing, free=False)
        for number in range(len(start)):
            ball = spec.worldbody.add_body(name=f"ball{number}")
            ball.add_freejoint()
            ball.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[BALL, 0, 0], mass=0.01, condim=6, solref=[0.01, 1])
        model = spec.compile()
        data = mujoco.MjData(model)
        for number, xy in enumerate(start):
            data.qpos[7 * number : 7 * number + 3] = [*xy, cavity.rim + 0.02 + 2.5 * BALL * number]
        mujoco.mj_step(model, data, nstep=600)
        wide = shapely.Polygon(cavity.opening).buffer(0.02)
        for number in range(len(start)):
            x, y, z = data.body(f"ball{number}").xpos
            assert wide.contains(shapely.Point(x, y))
            assert cavity.floor < z < cavity.rim + BALL


@pytest.mark.parametrize("category", CONTAINERS)
def test_a_container_takes_what_the_hand_can_carry(category: str) -> None:
    for thing in THINGS[category]:
        asset = thing.asset
        assert 0.14 <= max(asset.extents[:2]) <= 0.305
        space = asset.cavity.opening if asset.cavity else asset.support and asset.support.outline
        assert space
        assert shapely.Polygon(space).area > 0.07**2
        assert asset.extents[2] <= 0.12


@pytest.mark.parametrize("category", [*TABLES, "plate", "tray"])
def test_the_support_is_level_and_free(category: str) -> None:
    rng = np.random.default_rng(2)
    for thing in THINGS[category]:
        support = thing.asset.support
        assert support is not None
        outline = shapely.Polygon(support.outline)
        across = rng.uniform(outline.bounds[:2], outline.bounds[2:], (200, 2))
        across = across[shapely.contains_xy(outline.buffer(-1e-4), *across.T)]
        for offset, filled in ((-5e-4, True), (5e-4, False), (0.05, False)):
            points = np.column_stack([across, np.full(len(across), support.height + offset)])
            assert inside_any_hull(thing, points, 0.0).all() == filled
            assert inside_any_hull(thing, points, 0.0).any() == filled


@pytest.mark.parametrize("category", TABLES)
def test_a_table_has_a_top_textured_in_metres(category: str) -> None:
    for asset, parts, _ in THINGS[category]:
        assert asset.support is not None
        top = next(part for part in parts if part.material.name == "table_top")
        assert top.uv is not None
        np.testing.assert_allclose(top.uv, top.vertices[:, :2], atol=2e-5)
        assert top.vertices[:, 2].max() == pytest.approx(asset.support.height, abs=1e-5)
        x, y, _ = asset.extents
        assert min(x, y) >= 0.99
        assert shapely.Polygon(asset.support.outline).contains(shapely.box(-0.35, -0.5, 0.35, 0.5))
