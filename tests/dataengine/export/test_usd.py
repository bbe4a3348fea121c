"""An episode as USD: what moves, what it weighs, what it hangs on; read back by others' parsers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom, UsdPhysics

from assets_index.articulation import Inertial
from assets_index.index import AssetIndex
from assets_index.procedural.library import build
from assets_index.transforms import Array, apply
from dataengine.export.usd import export_episode
from dataengine.export.usd_physics import principal_axes
from dataengine.pipeline.config import RunConfig
from dataengine.record import EpisodeRecord
from dataengine.record_scene import RecordReplay
from scene_graph.task import Node, SceneGraph
from tests.record_factory import make_record
from tests.renderers.usd.reading import assert_moves_as, validation_errors

STEPS = 5
THINGS = {"apple": "apple", "cabinet": "drawer cabinet", "cupboard": "cupboard"}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> AssetIndex:
    index = AssetIndex.open(Path(tmp_path_factory.mktemp("assets")))
    for category in (*THINGS.values(), "dining table"):
        index.add(*build(category, 0))
    return index


@pytest.fixture(scope="module")
def record(index: AssetIndex) -> EpisodeRecord:
    """An apple that is carried along and turned, and two fixtures whose parts move."""
    assets = {name: index.find(category=category)[0] for name, category in THINGS.items()}
    parts = [(name, part) for name, asset in assets.items() for part in (asset.articulation or NoParts).parts]
    table = index.find(role="table")[0].id
    made = make_record(3, steps=STEPS, bodies=3, joints=len(parts))
    nodes = tuple(Node(name=name, asset_id=asset.id, role="distractor") for name, asset in assets.items())
    scene = SceneGraph(nodes=nodes, workspace=made.meta.task.scene.workspace, table_id=table)
    meta = made.meta.model_copy(
        update={
            "bodies": tuple(assets),
            "joints": tuple(f"{name}/{part.name}" for name, part in parts),
            "task": made.meta.task.model_copy(update={"scene": scene}),
        }
    )
    object_pose = np.zeros((STEPS + 1, 3, 7))
    object_pose[:, :, 3] = 1.0
    object_pose[:, 0, :3] = np.linspace((0.4, 0.0, 0.1), (0.5, 0.1, 0.3), STEPS + 1)
    object_pose[:, 0, 3:] = [(np.cos(a), 0.0, 0.0, np.sin(a)) for a in np.linspace(0.0, 0.4, STEPS + 1)]
    object_pose[:, 1, :3], object_pose[:, 2, :3] = (0.6, 0.25, 0.0), (0.6, -0.25, 0.0)
    travel = np.array([part.travel for _, part in parts])
    return replace(
        made, meta=meta, object_pose=object_pose, articulation=np.linspace(0.1 * travel, 0.8 * travel, STEPS + 1)
    )


class NoParts:
    parts = ()


@pytest.fixture(scope="module")
def folder(record: EpisodeRecord, index: AssetIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_episode(record, index, out=tmp_path_factory.mktemp("export"), config=RunConfig())


def test_pixars_validators_find_nothing_wrong(folder: Path) -> None:
    assert folder.name == "000003"
    assert validation_errors(folder / "scene.usda") == []
    assert validation_errors(folder / "replay.usdc") == []


def test_things_parts_links_and_the_wrist_camera_move_as_recorded(
    folder: Path, record: EpisodeRecord, index: AssetIndex
) -> None:
    replay = RecordReplay(record, index)
    poses = [replay.poses(step) for step in range(STEPS + 1)]
    moving = [name for name in poses[0] if name in ("apple", "hand") or "/" in name]
    assert len(moving) >= 4
    for name in moving:
        thing = "robot" if name == "hand" else name.split("/")[0]
        prim = f"/World/{thing}/{name.replace('/', '_').replace(' ', '_')}"
        truth = [pose[name] for pose in poses]
        assert_moves_as(folder / "replay.usdc", prim, truth)
        with pytest.raises(AssertionError):
            assert_moves_as(folder / "replay.usdc", prim, truth, offset=1)


def parsed(stage: Usd.Stage) -> dict[UsdPhysics.ObjectType, tuple[list, list]]:
    """Pixar's own reading of a stage's physics: paths and descriptions by type."""
    return UsdPhysics.LoadUsdPhysicsFromRange(stage, ["/World"])


def test_the_scene_has_the_bodies_masses_hulls_and_joints_of_the_assets(
    folder: Path, record: EpisodeRecord, index: AssetIndex
) -> None:
    stage = Usd.Stage.Open(str(folder / "scene.usda"))
    found = parsed(stage)
    apple = index.find(category="apple")[0]
    mass = UsdPhysics.MassAPI(stage.GetPrimAtPath("/World/apple/apple"))
    assert mass.GetMassAttr().Get() == pytest.approx(apple.mass)
    bodies = [str(path) for path in found[UsdPhysics.ObjectType.RigidBody][0]]
    assert "/World/apple/apple" in bodies
    assert "/World/cabinet/cabinet" not in bodies, "a bolted frame is no rigid body"
    hulls = [str(path) for path in found[UsdPhysics.ObjectType.MeshShape][0] if str(path).startswith("/World/apple/")]
    assert len(hulls) == len(index.hulls(apple.id))
    sliding = found[UsdPhysics.ObjectType.PrismaticJoint][1]
    turning = found[UsdPhysics.ObjectType.RevoluteJoint][1]
    assert len(sliding) + len(turning) == len(record.meta.joints)
    door = next(p for p in index.find(category="cupboard")[0].articulation.parts if p.joint == "hinge")
    assert max(joint.limit.upper for joint in turning) == pytest.approx(np.rad2deg(door.travel), rel=1e-5)


def test_joint_frames_coincide_at_the_recorded_joint_value(folder: Path, record: EpisodeRecord) -> None:
    """Along the joint's axis, by the joint's value, the part's frame has left the body's."""
    stage = Usd.Stage.Open(str(folder / "scene.usda"))
    values = dict(zip(record.meta.joints, record.articulation[0], strict=True))
    for prim in (each for each in stage.Traverse() if each.IsA(UsdPhysics.Joint)):
        joint = UsdPhysics.Joint(prim)
        first, second = (_joint_frame(stage, joint, side) for side in (0, 1))
        between = np.linalg.inv(first) @ second
        (part,) = joint.GetBody1Rel().GetTargets()
        value = next(v for name, v in values.items() if part.name == name.replace("/", "_").replace(" ", "_"))
        if prim.IsA(UsdPhysics.PrismaticJoint):
            np.testing.assert_allclose(between[:3, 3], (value, 0.0, 0.0), atol=1e-5)
            np.testing.assert_allclose(between[:3, :3], np.eye(3), atol=1e-5)
        else:
            np.testing.assert_allclose(between[:3, 3], 0.0, atol=1e-5)
            np.testing.assert_allclose(between[1, 2], -np.sin(value), atol=1e-5)
            np.testing.assert_allclose(between[0, 0], 1.0, atol=1e-5)


def _joint_frame(stage: Usd.Stage, joint: UsdPhysics.Joint, side: int) -> Array:
    """T_world_joint (4, 4) as one of the two bodies has it."""
    (body,) = (joint.GetBody0Rel(), joint.GetBody1Rel())[side].GetTargets()
    position = (joint.GetLocalPos0Attr(), joint.GetLocalPos1Attr())[side].Get()
    rotation = (joint.GetLocalRot0Attr(), joint.GetLocalRot1Attr())[side].Get()
    matrix = UsdGeom.Xformable(stage.GetPrimAtPath(body)).ComputeLocalToWorldTransform(Usd.TimeCode.Default())
    frame = np.eye(4)
    frame[:3, :3] = np.array(Gf.Matrix3d(Gf.Quatd(rotation))).T
    frame[:3, 3] = position
    return np.asarray(np.array(matrix).T @ frame)


def test_hulls_lie_where_the_asset_is(folder: Path, record: EpisodeRecord, index: AssetIndex) -> None:
    stage = Usd.Stage.Open(str(folder / "scene.usda"))
    mesh = UsdGeom.Mesh(stage.GetPrimAtPath("/World/apple/apple/hull_0"))
    matrix = np.array(mesh.ComputeLocalToWorldTransform(Usd.TimeCode.Default())).T
    hull = index.hulls(index.find(category="apple")[0].id)[0]
    np.testing.assert_allclose(
        apply(matrix, mesh.GetPointsAttr().Get()), hull + record.object_pose[0, 0, :3], atol=1e-6
    )


def test_the_replay_has_no_physics_that_could_move_anything(folder: Path) -> None:
    stage = Usd.Stage.Open(str(folder / "replay.usdc"))
    found = parsed(stage)
    assert not any(body.rigidBodyEnabled for body in found[UsdPhysics.ObjectType.RigidBody][1])
    assert UsdPhysics.ObjectType.Scene not in found
    assert not [prim for prim in stage.Traverse() if prim.IsA(UsdPhysics.Joint)]


def test_principal_axes_give_the_inertia_back() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        root = rng.normal(size=(3, 3))
        full = root @ root.T
        inertia = (*np.diag(full), full[0, 1], full[0, 2], full[1, 2])
        moments, axes = principal_axes(Inertial(mass=1.0, center_of_mass=(0, 0, 0), inertia=inertia))
        np.testing.assert_allclose(axes @ np.diag(moments) @ axes.T, full, atol=1e-9)
        assert np.linalg.det(axes) == pytest.approx(1.0)
