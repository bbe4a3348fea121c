import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_index.errors import UnusableMesh
from assets_index.mass import convex_volume, hull_faces, mass_properties
from assets_index.procedural.collision import box_hull

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=40)
@given(SEEDS)
def test_a_random_hull_weighs_what_trimesh_says(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(20, 3)) * [0.1, 0.05, 0.02] + [0.3, -0.2, 0.1]
    ours = mass_properties([points], 700.0)
    theirs = trimesh.Trimesh(points, hull_faces(points))
    theirs.density = 700.0
    assert theirs.is_watertight
    assert ours.mass == pytest.approx(theirs.mass)
    np.testing.assert_allclose(ours.center, theirs.center_mass, atol=1e-9)
    np.testing.assert_allclose(ours.inertia, theirs.moment_inertia, rtol=1e-6, atol=1e-12)


def test_two_halves_weigh_as_the_whole() -> None:
    whole = mass_properties([box_hull((0.2, 0.1, 0.06))], 400.0)
    halves = mass_properties([box_hull((0.1, 0.1, 0.06), (s * 0.05, 0, 0)) for s in (-1, 1)], 400.0)
    np.testing.assert_allclose(whole.inertia, halves.inertia, atol=1e-12)
    assert whole.mass == pytest.approx(0.2 * 0.1 * 0.06 * 400) == pytest.approx(halves.mass)
    assert convex_volume(box_hull((0.2, 0.1, 0.06))) == pytest.approx(0.0012)


def test_each_hull_may_have_its_own_density() -> None:
    heavy_left = mass_properties([box_hull((0.1, 0.1, 0.1), (s, 0, 0)) for s in (-1, 1)], (3000.0, 1000.0))
    assert heavy_left.center[0] == pytest.approx(-0.5)


def test_flat_points_are_no_hull() -> None:
    with pytest.raises(UnusableMesh, match="volume"):
        mass_properties([np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]])], 400.0)
