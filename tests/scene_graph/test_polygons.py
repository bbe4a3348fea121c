from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from scene_graph.polygons import (
    inner_radius,
    may_fit,
    narrowest_width,
    outer_radius,
    placements_inside,
    placements_within_gap,
    sample_inside,
    signed_distance,
    surely_clear,
    translated,
)
from tests.scene_graph.graphs import examples


@st.composite
def convex_polygons(draw: st.DrawFn) -> shapely.Polygon:
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(draw(st.integers(5, 14)), 2)) * rng.uniform(0.02, 0.1) + rng.uniform(-0.2, 0.2, 2)
    return shapely.MultiPoint(points).convex_hull


@examples
@given(convex_polygons(), convex_polygons(), st.integers(0, 1000))
def test_placements_within_a_gap_are_exactly_those_within_it(
    obstacle: shapely.Polygon, footprint: shapely.Polygon, seed: int
) -> None:
    near = placements_within_gap(obstacle, footprint, 0.0)
    wide = placements_within_gap(obstacle, footprint, 0.01)
    for offset in np.random.default_rng(seed).uniform(-0.5, 0.5, (50, 2)):
        gap = translated(footprint, offset).distance(obstacle)
        point = shapely.Point(offset)
        if abs(near.exterior.distance(point)) > 1e-9:
            assert near.contains(point) == (gap == 0.0)
        if gap < 0.01:
            assert wide.buffer(1e-9).contains(point)
        if gap > 0.0109:
            assert not wide.contains(point)


@examples
@given(convex_polygons(), convex_polygons(), st.integers(0, 1000))
def test_what_is_surely_clear_keeps_the_gap_and_little_else_does(
    obstacle: shapely.Polygon, footprint: shapely.Polygon, seed: int
) -> None:
    points = np.random.default_rng(seed).uniform(-0.5, 0.5, (50, 2))
    for point, clear in zip(points, surely_clear(points, footprint, obstacle, 0.01), strict=True):
        gap = translated(footprint, point).distance(obstacle)
        if clear:
            assert gap >= 0.01 - 1e-9
    apart = surely_clear(points, footprint, obstacle, 0.0)
    gaps = [translated(footprint, point).distance(obstacle) for point in points]
    assert [gap > 0.0 for gap in gaps] == list(apart)


@examples
@given(convex_polygons(), convex_polygons())
def test_what_fits_in_some_turn_may_fit(outer: shapely.Polygon, inner: shapely.Polygon) -> None:
    if any(
        placements_inside(outer, shapely.affinity.rotate(inner, angle, origin=(0, 0))).area > 0.0
        for angle in range(0, 360, 30)
    ):
        assert may_fit(inner, outer)
    assert may_fit(inner, shapely.affinity.rotate(shapely.affinity.scale(inner, 1.01, 1.01), 40.0))


@examples
@given(convex_polygons(), convex_polygons(), st.integers(0, 1000))
def test_placements_inside_are_exactly_those_that_fit(
    outer: shapely.Polygon, footprint: shapely.Polygon, seed: int
) -> None:
    footprint = shapely.affinity.scale(footprint, 0.3, 0.3)
    inside = placements_inside(outer, footprint)
    for offset in np.random.default_rng(seed).uniform(-0.4, 0.4, (50, 2)):
        point = shapely.Point(offset)
        if inside.is_empty or inside.boundary.distance(point) > 1e-9:
            assert inside.contains(point) == outer.covers(translated(footprint, offset))


def test_samples_fill_the_whole_region_evenly() -> None:
    sliver = shapely.box(0.0, 0.0, 1e-4, 1.0).union(shapely.box(0.9, 0.0, 1.0, 0.001))
    rng = np.random.default_rng(0)
    points = np.array([sample_inside(sliver, rng) for _ in range(400)])
    assert shapely.contains_xy(sliver.buffer(1e-12), points).all()
    share = (points[:, 0] > 0.5).mean()
    assert abs(share - 0.5) < 0.1


def test_nothing_is_drawn_from_a_region_without_area() -> None:
    rng = np.random.default_rng(0)
    assert sample_inside(shapely.Polygon(), rng) is None
    assert sample_inside(shapely.LineString([(0, 0), (1, 1)]), rng) is None


def test_measures_of_a_rectangle() -> None:
    box = shapely.affinity.rotate(shapely.box(0.0, 0.0, 0.3, 0.04), 31.0)
    assert np.isclose(narrowest_width(box), 0.04)
    assert np.isclose(outer_radius(box), np.hypot(0.3, 0.04) / 2)
    assert np.isclose(inner_radius(box), 0.02, atol=2e-4)
    assert np.isclose(signed_distance(box.centroid.coords[0], box), 0.02)
    assert np.isclose(signed_distance((10.0, 0.0), shapely.box(0, 0, 1, 1)), -9.0)
