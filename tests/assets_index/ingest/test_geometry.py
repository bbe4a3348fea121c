import mujoco
import numpy as np
import pytest
import shapely
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_index.asset import Material
from assets_index.errors import UnusableMesh
from assets_index.ingest.cavity import cavity_of, find_pool, inscribed_convex
from assets_index.ingest.collide import MAX_HULLS, MAX_VERTICES, decompose, soup
from assets_index.ingest.grip import graspable
from assets_index.ingest.load import Surface
from assets_index.ingest.repair import face_the_viewer
from assets_index.ingest.samples import fewer_vertices, hull_of, solidity
from assets_index.ingest.simplify import simplified, visual_parts
from assets_index.ingest.tabletop import flat_surface, table_hulls
from assets_index.mass import mass_properties
from assets_index.stable import stable_poses
from tests.assets_index.ingest.shapes import corners_of, cup, open_box, surface_of


def outward(surface: Surface) -> float:
    """Signed volume: positive if the faces look outwards."""
    return float(np.linalg.det(surface.vertices[surface.faces]).sum() / 6)


@settings(max_examples=12)
@given(width=st.floats(0.08, 0.4), depth=st.floats(0.08, 0.4), height=st.floats(0.04, 0.2), wall=st.floats(0.003, 0.01))
def test_the_cavity_of_an_open_box_is_its_inside(width: float, depth: float, height: float, wall: float) -> None:
    cavity = cavity_of(corners_of(open_box(width, depth, height, wall)))
    assert cavity is not None
    assert cavity.rim == pytest.approx(height, abs=1e-3)
    assert wall - 1e-3 <= cavity.floor <= wall + 0.009
    inside = shapely.box(wall - width / 2, wall - depth / 2, width / 2 - wall, depth / 2 - wall)
    opening = shapely.Polygon(cavity.opening)
    # The map from above has cells of about one percent.
    assert inside.buffer(0.012 * max(width, depth)).covers(opening)
    assert opening.area > 0.8 * inside.area


@settings(max_examples=12)
@given(st.tuples(st.floats(0.03, 0.3), st.floats(0.03, 0.3), st.floats(0.01, 0.3)))
def test_what_has_no_inside_has_no_cavity(extents: tuple[float, float, float]) -> None:
    assert cavity_of(corners_of(trimesh.creation.box(extents))) is None
    lid = open_box(0.2, 0.2, 0.1, 0.005)
    cover = trimesh.creation.box((0.2, 0.2, 0.004))
    cover.apply_translation((0, 0, 0.1))
    assert cavity_of(corners_of(trimesh.util.concatenate([lid, cover]))) is None


def test_water_runs_out_at_the_lowest_point_of_the_rim() -> None:
    box = open_box(0.2, 0.2, 0.1, 0.005)
    notch = trimesh.creation.box((0.02, 0.05, 0.08))
    notch.apply_translation((0.1, 0, 0.1))
    pool = find_pool(corners_of(trimesh.boolean.difference([box, notch])))
    assert pool is not None
    assert pool.rim == pytest.approx(0.06, abs=2e-3)


@pytest.mark.parametrize(
    "vessel",
    [cup(0.04, 0.1, 0.004), open_box(0.3, 0.2, 0.1, 0.005), trimesh.creation.annulus(0.06, 0.065, 0.1)],
    ids=["cup", "box", "ring"],
)
def test_a_vessel_stays_open_in_its_hulls(vessel: trimesh.Trimesh) -> None:
    if len(vessel.split()) == 1 and vessel.euler_number == 0:  # the ring gets a floor of its own
        floor = trimesh.creation.cylinder(0.065, 0.004)
        floor.apply_translation((0, 0, -0.05))
        vessel = trimesh.util.concatenate([vessel, floor])
    corners = corners_of(vessel)
    hulls = decompose(corners)
    assert 3 <= len(hulls) <= MAX_HULLS
    assert max(map(len, hulls)) <= MAX_VERTICES
    before, after = cavity_of(corners), cavity_of(soup(hulls))
    assert before is not None
    assert after is not None
    assert shapely.Polygon(after.opening).area > 0.75 * shapely.Polygon(before.opening).area
    assert after.rim == pytest.approx(before.rim, abs=5e-3)
    bounds = np.concatenate(hulls)
    np.testing.assert_allclose(bounds.min(0), vessel.bounds[0], atol=2e-3)
    np.testing.assert_allclose(bounds.max(0), vessel.bounds[1], atol=2e-3)


def test_a_convex_thing_is_one_hull_and_an_l_shape_is_more() -> None:
    assert len(decompose(corners_of(trimesh.creation.icosphere(3, 0.04)))) == 1
    leg = trimesh.creation.box((0.03, 0.03, 0.2))
    foot = trimesh.creation.box((0.12, 0.03, 0.03))
    foot.apply_translation((0.045, 0, -0.085))
    shape = trimesh.boolean.union([leg, foot])
    hulls = decompose(corners_of(shape))
    volume = sum(hull_of(hull).volume for hull in hulls)
    assert len(hulls) > 1
    assert volume == pytest.approx(shape.volume, rel=0.15)
    repeated = decompose(corners_of(shape))
    assert all(np.array_equal(a, b) for a, b in zip(hulls, repeated, strict=True))


def test_a_wire_frame_of_a_shell_is_cut_and_not_filled() -> None:
    arch = trimesh.creation.torus(0.1, 0.006)
    hulls = decompose(corners_of(arch))
    assert sum(hull_of(hull).volume for hull in hulls) < 0.5 * hull_of(np.asarray(arch.vertices)).volume
    assert len(hulls) <= MAX_HULLS


def test_a_flat_sheet_has_no_volume() -> None:
    with pytest.raises(UnusableMesh, match="zero volume"):
        decompose(np.array([[[0, 0, 0], [0.1, 0, 0], [0, 0.1, 0]]], float))


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_faces_are_turned_outwards_patch_by_patch(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mesh = trimesh.util.concatenate(
        [trimesh.creation.box((0.1, 0.1, 0.1)), trimesh.creation.icosphere(2, 0.04).apply_translation((0.2, 0, 0))]
    )
    faces = np.array(mesh.faces)
    flip = rng.random(len(faces)) < 0.5
    faces[flip] = faces[flip][:, ::-1]
    repaired = face_the_viewer([Surface(np.asarray(mesh.vertices), faces, None, Material(name="m"))])
    assert outward(repaired[0]) == pytest.approx(mesh.volume, rel=1e-6)
    assert len(repaired[0].faces) == len(mesh.faces)


def test_an_open_sheet_gets_a_back_and_what_is_inside_goes() -> None:
    sheet = trimesh.Trimesh([[0, 0, 0], [0.1, 0, 0], [0.1, 0.1, 0], [0, 0.1, 0]], [[0, 1, 2], [0, 2, 3]])
    assert len(face_the_viewer([surface_of(sheet)])[0].faces) == 4
    box, core = trimesh.creation.box((0.1, 0.1, 0.1)), trimesh.creation.box((0.05, 0.05, 0.05))
    kept = face_the_viewer([surface_of(box), surface_of(core)])
    assert [len(surface.faces) for surface in kept] == [12]


def test_welding_drops_slivers_and_repeats() -> None:
    mesh = trimesh.creation.box((0.1, 0.1, 0.1))
    faces = np.concatenate([mesh.faces, mesh.faces[:3], [[0, 0, 1]]])
    repaired = face_the_viewer([Surface(np.asarray(mesh.vertices), faces, None, Material(name="m"))])
    assert len(repaired[0].faces) == 12


def test_simplifying_keeps_shape_and_texture() -> None:
    sphere = trimesh.creation.uv_sphere(0.05, count=(120, 120))
    vertices = np.asarray(sphere.vertices)
    uv = np.stack([0.5 + 4 * vertices[:, 0], 0.5 + 4 * vertices[:, 2]], -1)
    albedo = np.zeros((256, 256, 3), np.uint8)
    surface = Surface(vertices, np.asarray(sphere.faces), uv, Material(name="m"), albedo)
    small = simplified([surface], 2000)[0]
    assert len(small.faces) <= 2100
    assert small.uv is not None
    expected = np.stack([0.5 + 4 * small.vertices[:, 0], 0.5 + 4 * small.vertices[:, 2]], -1)
    assert np.abs(small.uv - expected).max() < 0.03
    assert np.abs(np.linalg.norm(small.vertices, axis=1) - 0.05).max() < 1e-3
    part = visual_parts([small])[0]
    cosine = (part.normals * (part.vertices / np.linalg.norm(part.vertices, axis=1, keepdims=True))).sum(1)
    assert cosine.min() > 0.95


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1), most=st.integers(24, 64))
def test_fewer_vertices_lose_little_of_the_hull(seed: int, most: int) -> None:
    points = np.random.default_rng(seed).normal(size=(400, 3)) * [0.1, 0.05, 0.2]
    reduced = fewer_vertices(points, most)
    assert len(reduced) <= most
    assert hull_of(reduced).volume > 0.85 * hull_of(points).volume
    assert {tuple(vertex) for vertex in reduced} <= {tuple(point) for point in points}


def test_solidity_tells_solids_from_shells() -> None:
    solid = solidity(corners_of(trimesh.creation.box((0.1, 0.07, 0.05))))
    assert solid.convex > 0.95
    assert solid.core > 0.6
    shell = solidity(corners_of(cup(0.04, 0.1, 0.002)))
    assert shell.convex < 0.35
    assert shell.core < 0.05


@settings(max_examples=25)
@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.1, 0.5)), min_size=1, max_size=6))
def test_an_inscribed_polygon_is_convex_and_inside(discs: list[tuple[float, float, float]]) -> None:
    region = shapely.union_all([shapely.Point(x, y).buffer(radius) for x, y, radius in discs])
    largest = max(shapely.get_parts(region), key=lambda part: part.area)
    polygon = shapely.Polygon(inscribed_convex(largest))
    assert largest.buffer(1e-3).covers(polygon)
    assert polygon.convex_hull.area == pytest.approx(polygon.area, rel=1e-6)
    assert shapely.is_ccw(polygon.exterior)
    circle = shapely.maximum_inscribed_circle(largest).length
    assert polygon.area > 0.5 * np.pi * circle**2


@pytest.mark.parametrize(
    ("mesh", "expected"),
    [
        (trimesh.creation.box((0.05, 0.2, 0.1)), True),
        (trimesh.creation.box((0.09, 0.09, 0.09)), False),
        (trimesh.creation.cylinder(0.03, 0.2), True),
        (trimesh.creation.cylinder(0.05, 0.09), False),
        (cup(0.035, 0.12, 0.002), True),
        (trimesh.creation.icosphere(3, 0.05), False),
    ],
    ids=["carton", "cube", "can", "tin", "tumbler", "ball"],
)
def test_a_jaw_of_eight_centimetres(mesh: trimesh.Trimesh, expected: bool) -> None:
    hulls = decompose(corners_of(mesh))
    poses = stable_poses(hulls, mass_properties(hulls, 400.0).center)
    assert graspable(corners_of(mesh), poses) is expected


def test_a_table_is_its_top_and_its_legs() -> None:
    top = trimesh.creation.box((1.2, 0.8, 0.03))
    top.apply_translation((0, 0, 0.735))
    legs = [trimesh.creation.box((0.05, 0.05, 0.72)) for _ in range(4)]
    for leg, (x, y) in zip(legs, [(-0.5, -0.3), (-0.5, 0.3), (0.5, -0.3), (0.5, 0.3)], strict=True):
        leg.apply_translation((x, y, 0.36))
    corners = corners_of(trimesh.util.concatenate([top, *legs]))
    surface = flat_surface(corners)
    hulls = table_hulls(corners, surface)
    assert surface.height == pytest.approx(0.75, abs=1e-3)
    assert shapely.Polygon(surface.outline).area > 0.9 * 1.2 * 0.8
    assert len(hulls) == 5
    assert max(hull[:, 2].max() for hull in hulls) == pytest.approx(0.75, abs=1e-3)
    with pytest.raises(UnusableMesh, match="no level surface"):
        flat_surface(corners_of(trimesh.creation.icosphere(3, 0.5)))


def test_a_ball_dropped_into_a_box_of_single_walls_stays_in_it() -> None:
    mesh = trimesh.creation.box((0.3, 0.2, 0.12))
    mesh.apply_translation((0, 0, 0.06))
    mesh.update_faces(mesh.face_normals[:, 2] < 0.5)
    hulls = decompose(corners_of(mesh))
    cavity = cavity_of(soup(hulls))
    assert cavity is not None
    spec = mujoco.MjSpec()
    for number, hull in enumerate(hulls):
        spec.add_mesh(name=f"hull{number}").uservert = hull.ravel()
        spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname=f"hull{number}")
    ball = spec.worldbody.add_body(name="ball", pos=[0.05, 0.03, cavity.floor + 0.12])
    ball.add_freejoint()
    ball.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[0.01, 0, 0], mass=0.02)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data, 1000)
    assert cavity.floor - 0.01 < data.body("ball").xpos[2] - 0.01 < cavity.rim
    assert abs(data.body("ball").xpos[0]) < 0.15
    assert abs(data.body("ball").xpos[1]) < 0.10
