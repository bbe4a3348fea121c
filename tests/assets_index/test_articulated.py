"""Parts that move: what is said of them is true of their geometry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.spatial import ConvexHull

from assets_index.articulation import Articulation, MovingPart
from assets_index.builder import BuiltAsset
from assets_index.index import AssetIndex
from assets_index.procedural.library import build
from assets_index.transforms import apply
from assets_index.words import color_word
from tests.assets_index.library import inside_any_hull

CATEGORIES = ("drawer cabinet", "cupboard", "button panel")
THINGS = {category: [build(category, number) for number in range(4)] for category in CATEGORIES}
PARTS = [
    (thing, part)
    for things in THINGS.values()
    for thing in things
    if thing.asset.articulation
    for part in thing.asset.articulation.parts
]


def articulation_of(thing: BuiltAsset) -> Articulation:
    assert thing.asset.articulation is not None
    return thing.asset.articulation


def overlap(first: np.ndarray, second: np.ndarray) -> float:
    """Radius of the greatest ball within both convex hulls; negative if they are apart."""
    planes = np.concatenate([ConvexHull(first).equations, ConvexHull(second).equations])
    found = linprog(
        [0, 0, 0, -1], np.column_stack([planes[:, :3], np.ones(len(planes))]), -planes[:, 3], bounds=(None, None)
    )
    return float(found.x[3])


@pytest.mark.parametrize("category", CATEGORIES)
def test_masses_add_up_and_every_surface_has_one_owner(category: str) -> None:
    for asset, parts, hulls in THINGS[category]:
        articulation = asset.articulation
        assert articulation is not None
        assert articulation.bolted
        masses = [articulation.frame.mass, *(part.inertial.mass for part in articulation.parts)]
        assert sum(masses) == pytest.approx(asset.mass, abs=1e-4)
        hulls_owned = [i for part in articulation.parts for i in part.hulls]
        visuals_owned = [i for part in articulation.parts for i in part.visuals]
        assert len(set(hulls_owned)) == len(hulls_owned) < len(hulls)
        assert len(set(visuals_owned)) == len(visuals_owned) < len(parts)
        for part in articulation.parts:
            drawn = np.concatenate([parts[i].vertices for i in part.visuals])
            solid = np.concatenate([hulls[i] for i in part.hulls])
            np.testing.assert_allclose(drawn.min(0), solid.min(0), atol=4e-3)
            np.testing.assert_allclose(drawn.max(0), solid.max(0), atol=4e-3)


def test_parts_move_freely_over_their_whole_travel() -> None:
    for thing, part in PARTS:
        if part.kind == "button":
            continue  # it sinks into its socket, which the case's hull fills
        others = [hull for i, hull in enumerate(thing.hulls) if i not in part.hulls]
        for share in (0.0, 0.3, 1.0):
            motion = part.motion(share * part.travel)
            for i in part.hulls:
                moved = apply(motion, thing.hulls[i])
                assert all(overlap(moved, other) < 1e-3 for other in others), (thing.asset.id, part.name, share)


def test_handles_stand_out_and_fit_the_jaw() -> None:
    for thing, part in PARTS:
        handle = part.handle
        own = [thing.hulls[i] for i in part.hulls]
        if handle.closing is None:
            top = np.array(handle.position)
            assert inside_any_hull(thing, (top - 1e-3 * np.array(handle.outward))[None], 0.0).all()
            assert not inside_any_hull(thing, (top + 1e-3 * np.array(handle.outward))[None], 0.0).any()
            continue
        assert inside_any_hull(thing, np.array([handle.position]), 0.0).all()
        sides = [np.array(handle.position) + s * (handle.width / 2 + 2e-3) * np.array(handle.closing) for s in (-1, 1)]
        assert not inside_any_hull(thing, np.array(sides), 0.0).any()
        assert 0.005 < handle.width < 0.05
        reach = max(float((hull @ handle.outward).max()) for hull in own)
        assert reach - float(np.dot(handle.position, handle.outward)) > 0.004


@given(pick=st.integers(0, len(PARTS) - 1), share=st.floats(0.01, 1.0))
@settings(max_examples=60)
def test_the_handle_moves_by_the_lever(pick: int, share: float) -> None:
    part = PARTS[pick][1]
    value, steps = share * part.travel, 400
    path = np.array([apply(part.motion(v), part.handle.position) for v in np.linspace(0.0, value, steps)])
    way = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    assert way == pytest.approx(value * part.lever, rel=1e-4)
    assert part.kind == "button" or path[-1, 0] < path[0, 0]  # what opens comes towards the robot


def test_drawers_have_room_and_buttons_the_color_they_are_named_by() -> None:
    for thing, part in PARTS:
        if part.kind == "drawer":
            assert part.cavity is not None
            corners = np.array(part.cavity.opening)
            assert np.ptp(corners, axis=0).min() > 0.1
            assert part.travel > 0.1
            inside = np.column_stack([0.98 * corners + 0.02 * corners.mean(0), np.full(4, part.cavity.floor + 1e-3)])
            assert not inside_any_hull(thing, inside, 0.0).any()
            assert inside_any_hull(thing, inside - [0, 0, 2e-3], 0.0).all()
        elif part.kind == "button":
            assert color_word(thing.parts[part.visuals[0]].material.color) == part.name.split()[0]
            assert part.label is not None


def test_the_index_gives_back_what_moves(tmp_path: pytest.TempPathFactory) -> None:
    index = AssetIndex.open(tmp_path)  # type: ignore[arg-type]
    for category in CATEGORIES:
        index.add(*THINGS[category][0])
        assert index.asset(THINGS[category][0].asset.id) == THINGS[category][0].asset
    assert len(index.find(role="fixture")) == 3


def test_a_hull_moves_with_one_part_only() -> None:
    articulation = articulation_of(THINGS["drawer cabinet"][1])
    first: MovingPart = articulation.parts[0]
    with pytest.raises(ValueError, match="two moving parts"):
        Articulation(frame=articulation.frame, parts=(first, first.model_copy(update={"name": "other"})))
