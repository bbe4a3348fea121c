"""An episode as something to draw: the scene of its bodies, and where each of them was at every step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Protocol

import mujoco
import numpy as np
from numpy.typing import ArrayLike

from assets_index.articulation import part_name
from assets_index.asset import Asset, VisualPart
from assets_index.errors import EngineError
from assets_index.robot import RobotDescription
from assets_index.robot_model import kinematic_model
from assets_index.robot_setup import MountedArm
from assets_index.robots import arms
from assets_index.surface_library import SurfaceLibrary
from assets_index.transforms import Array, Pose
from dataengine.physics.jaw import Jaw
from dataengine.record import EpisodeRecord
from renderers.camera import CameraSpec, CameraView, camera_view
from renderers.look import Look
from renderers.robot_bodies import robot_bodies
from renderers.scene import BodyKind, Poses, RenderBody, RenderScene
from scene_graph.task import TaskSpec

TABLE = "table"
"""Name of the table among the bodies and poses."""


class UnknownArm(EngineError):
    """A camera is to be mounted on an arm that the set-up does not have."""


TABLE_ID, ROBOT_ID, FIRST_BODY_ID = 1, 2, 3
"""Instance ids; the nodes of the task follow in their order from `FIRST_BODY_ID`."""

TABLE_EDGE = -0.2
"""x of the table's edge on the robot's side, metres: the arms' bases stand on the table."""

ROBOT_DETAIL = 0.06
"""Share of the robot's faces that is drawn. In pictures of 224 x 224 and 448 x 448 its outline is then the same to an
IoU of 0.99; its pixels differ by 4 steps of 255 on average, and 3 % of them visibly (by more than 24)."""


SHOWN = 0.1
"""Over the rows of a picture, the error of an asset's surface that is not seen in it, metres: half a pixel at the 15 cm
from which a camera on the hand sees a thing that is about to be grasped, less in all others."""


class VisualSource(Protocol):
    """Where assets, their visual parts and the surfaces around them come from; `AssetIndex` is one."""

    @property
    def surfaces(self) -> SurfaceLibrary:
        """Textures and domes."""
        ...

    def asset(self, asset_id: str) -> Asset:
        """The asset; raises MissingAsset."""
        ...

    def visual(self, asset_id: str, tolerance: float = 0.0) -> Sequence[VisualPart]:
        """Its visual parts in the asset frame, their surfaces up to `tolerance`, metres, from where they truly are."""
        ...


@dataclass(frozen=True)
class Detail:
    """How much of the meshes is drawn.

    Attributes:
        robot: share of the robots' faces.
        tolerance: how far the surfaces of assets may be from where they truly are, metres.
    """

    robot: float = ROBOT_DETAIL
    tolerance: float = 0.0

    @classmethod
    def of_pictures(cls, height: int) -> Detail:
        """As much as pictures of so many rows can show."""
        return cls(tolerance=SHOWN / height)


USUAL = Detail()
"""Assets as they are, which suits pictures of any size."""


def render_scene(
    task: TaskSpec, assets: VisualSource, setup: Sequence[MountedArm], detail: Detail = USUAL
) -> RenderScene:
    """The table, the arms and every node of a task, in this order of instance ids; the arms share one.

    Each moving part of a node is a body of its own ("cabinet/top drawer") that shares the node's instance id.

    Raises:
        MissingAsset: if `assets` lacks one of them.
    """
    table = assets.asset(task.scene.table_id)
    objects = (
        body
        for number, node in enumerate(task.scene.nodes)
        for body in _node_bodies(
            node.name, assets.asset(node.asset_id), assets, FIRST_BODY_ID + number, detail.tolerance
        )
    )
    return RenderScene(
        bodies=(
            RenderBody(TABLE, "table", TABLE_ID, tuple(assets.visual(table.id, detail.tolerance))),
            *(
                replace(link, name=arm.prefix + link.name)
                for arm in setup
                for link in robot_bodies(arm.robot, ROBOT_ID, detail.robot)
            ),
            *objects,
        ),
        floor_height=float(table_pose(table)[2, 3]),
        surfaces=assets.surfaces,
    )


def _node_bodies(name: str, asset: Asset, assets: VisualSource, instance_id: int, tolerance: float) -> list[RenderBody]:
    """A node as bodies to be drawn: what does not move on a joint, and each moving part."""
    kind: BodyKind = "container" if asset.role == "container" else "object"
    visuals = assets.visual(asset.id, tolerance)
    parts = asset.articulation.parts if asset.articulation else ()
    owned = {i for part in parts for i in part.visuals}
    frame = tuple(visual for i, visual in enumerate(visuals) if i not in owned)
    return [
        RenderBody(name, kind, instance_id, frame, asset.attributes.material),
        *(
            RenderBody(
                part_name(name, part.name),
                kind,
                instance_id,
                tuple(visuals[i] for i in part.visuals),
                asset.attributes.material,
            )
            for part in parts
        ),
    ]


def table_pose(table: Asset) -> Array:
    """T_world_table, (4, 4): its top at z = 0, its near edge behind the robot's base, centred left and right."""
    outline = np.array(table.support.outline if table.support else [])
    height = table.support.height if table.support else table.extents[2]
    lower, upper = (outline.min(0), outline.max(0)) if len(outline) else (np.zeros(2), np.zeros(2))
    pose = np.eye(4)
    pose[:3, 3] = (TABLE_EDGE - lower[0], -(lower[1] + upper[1]) / 2, -height)
    return pose


class LinkKinematics:
    """Where a robot's links are at given joint angles."""

    def __init__(self, description: RobotDescription) -> None:
        self._model = kinematic_model(description)
        self._data = mujoco.MjData(self._model)
        self._arm = [int(self._model.joint(name).qposadr[0]) for name in description.joints]
        self._jaw = Jaw(self._model, description)
        self._links = {self._model.body(i).name: i for i in range(1, self._model.nbody)}

    def poses(self, joint_position: ArrayLike, finger_position: ArrayLike) -> dict[str, Array]:
        """T_world_link, (4, 4), by link name; the base stands at the world's origin.

        Args:
            joint_position: (J,) rad.
            finger_position: (2,) metres, distance of each finger from the middle plane.
        """
        self._data.qpos[self._arm] = joint_position
        self._data.qpos[self._jaw.joints] = self._jaw.joint_positions(finger_position)
        mujoco.mj_kinematics(self._model, self._data)
        poses = {}
        for name, i in self._links.items():
            poses[name] = np.eye(4)
            poses[name][:3, :3] = self._data.xmat[i].reshape(3, 3)
            poses[name][:3, 3] = self._data.xpos[i]
        return poses


@lru_cache(maxsize=4)
def link_kinematics(description: RobotDescription) -> LinkKinematics:
    """The kinematics of a robot, made once."""
    return LinkKinematics(description)


def arm_links(arm: MountedArm, joint_position: ArrayLike, finger_position: ArrayLike) -> dict[str, Array]:
    """T_world_link, (4, 4), of an arm where it stands, by the names of its links in its set-up."""
    links = link_kinematics(arm.robot).poses(joint_position, finger_position)
    return {arm.prefix + name: arm.base.matrix @ pose for name, pose in links.items()}


def camera_mount(setup: Sequence[MountedArm], spec: CameraSpec, links: Mapping[str, Array]) -> Array:
    """T_world_mount, (4, 4): the frame in which a camera on a hand is mounted, where all links are at `links`.

    Raises:
        UnknownArm: if the camera is to be mounted on an arm that is not there.
    """
    arm = mounting_arm(setup, spec)
    hand = links[arm.prefixed.hand_body]
    return hand if arm.robot.hand_to_mount is None else hand @ arm.robot.hand_to_mount.matrix


def mounting_arm(setup: Sequence[MountedArm], spec: CameraSpec) -> MountedArm:
    """The arm that carries a camera: the one it names, else the first. Raises UnknownArm."""
    if spec.arm is None:
        return setup[0]
    found = [arm for arm in setup if arm.name == spec.arm]
    if not found:
        there = ", ".join(arm.name for arm in setup if arm.name) or "a single arm, without a name"
        raise UnknownArm(f"camera {spec.name!r} is to be on arm {spec.arm!r}; there is {there}")
    return found[0]


class RecordReplay:
    """A record's bodies over time, to be drawn. Step t shows the state before command t; step T the end.

    Attributes:
        record: the episode.
    """

    def __init__(self, record: EpisodeRecord, assets: VisualSource, detail: Detail = USUAL) -> None:
        self.record = record
        self._assets = assets
        self._detail = detail
        self._arms = arms(record.meta.robot)
        self._table = table_pose(assets.asset(record.meta.task.scene.table_id))
        self._links = lru_cache(maxsize=1)(self._links_at)  # asked for by every camera of a step

    @cached_property
    def scene(self) -> RenderScene:
        """What there is to draw."""
        return render_scene(self.record.meta.task, self._assets, self._arms, self._detail)

    def poses(self, step: int) -> Poses:
        """Where everything is at a step, 0..T."""
        record = self.record
        matrices = (Pose.from_vector(vector).matrix for vector in record.object_pose[step])
        objects = dict(zip(record.meta.bodies, matrices, strict=True))
        return {TABLE: self._table, **self._links(step), **objects, **self._parts(step, objects)}

    def _parts(self, step: int, objects: Poses) -> dict[str, Array]:
        """T_world_part, (4, 4), of every moving part by its name."""
        record = self.record
        joints = dict(zip(record.meta.joints, record.articulation[step].tolist(), strict=True))
        poses: dict[str, Array] = {}
        for node in record.meta.task.scene.nodes:
            articulation = self._assets.asset(node.asset_id).articulation if joints else None
            for part in articulation.parts if articulation else ():
                name = part_name(node.name, part.name)
                poses[name] = objects[node.name] @ part.motion(joints[name])
        return poses

    def camera_view(self, spec: CameraSpec, look: Look, step: int) -> CameraView:
        """A camera at a step, jittered as the look has it."""
        return camera_view(spec, look, camera_mount(self._arms, spec, self._links(step)))

    def _links_at(self, step: int) -> dict[str, Array]:
        joints, fingers = self.record.joint_position[step], self.record.finger_position[step]
        ends = np.cumsum([len(arm.robot.joints) for arm in self._arms])
        parts = np.split(joints, ends[:-1])
        links: dict[str, Array] = {}
        for arm, values, opening in zip(self._arms, parts, fingers, strict=True):
            links |= arm_links(arm, values, opening)
        return links
