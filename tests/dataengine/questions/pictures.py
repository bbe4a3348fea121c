"""Pictures of placed bodies by ray casting: exact ids and depth with no renderer of ours in between."""

from __future__ import annotations

import numpy as np
import open3d as o3d
import trimesh

from assets_index.transforms import apply
from dataengine.questions.context import Moment, QuestionContext, WorldGrasp
from dataengine.samples import FrameKey
from renderers.annotations import BodyAnnotation, FrameAnnotation, mask_box
from renderers.camera import CameraView, Intrinsics, look_at
from renderers.frame import Frame
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.task import Rect, SubTask

TABLE_ID, ROBOT_ID = 1, 2
WORKSPACE = Rect(lower=(0.28, -0.4), upper=(0.75, 0.4))
FIRST_ID = 3


def front_view(width: int = 224, height: int = 224) -> CameraView:
    """Behind the robot, above its left shoulder, over the whole workspace."""
    pose = look_at((-0.25, 0.25, 0.85), (0.5, 0.0, 0.0))
    return CameraView("front", width, height, Intrinsics.of_fov(width, height, np.radians(50)).matrix, pose.matrix)


def facing_view(width: int = 224, height: int = 224) -> CameraView:
    """Opposite the robot: its left is on the right of this picture."""
    pose = look_at((1.3, 0.0, 0.8), (0.5, 0.0, 0.0))
    return CameraView("facing", width, height, Intrinsics.of_fov(width, height, np.radians(45)).matrix, pose.matrix)


def close_view(width: int = 224, height: int = 224) -> CameraView:
    """So near that things are cut by the picture's border."""
    pose = look_at((0.25, 0.0, 0.45), (0.5, 0.0, 0.0))
    return CameraView("close", width, height, Intrinsics.of_fov(width, height, np.radians(35)).matrix, pose.matrix)


def instance_ids(scene: PlacedScene) -> dict[str, int]:
    return {name: number for number, name in enumerate(scene.bodies, FIRST_ID)}


def body_mesh(body: PlacedBody) -> trimesh.Trimesh:
    """The union of the body's convex hulls, in the asset frame."""
    return trimesh.util.concatenate([trimesh.convex.convex_hull(hull) for hull in body.hulls])


def take_picture(scene: PlacedScene, view: CameraView) -> Frame:
    """Ids and depth as rays through the pixel centres find them; the table is the plane z = 0."""
    caster = o3d.t.geometry.RaycastingScene(nthreads=1)
    numbers = {}
    for name, number in instance_ids(scene).items():
        mesh = body_mesh(scene[name])
        vertices = apply(scene[name].pose.matrix, mesh.vertices).astype(np.float32)
        numbers[caster.add_triangles(vertices, mesh.faces.astype(np.uint32))] = number
    corners = np.array([[-0.2, -0.8, 0], [1.2, -0.8, 0], [1.2, 0.8, 0], [-0.2, 0.8, 0]], np.float32)
    numbers[caster.add_triangles(corners, np.array([[0, 1, 2], [0, 2, 3]], np.uint32))] = TABLE_ID
    rays = caster.create_rays_pinhole(view.K, np.linalg.inv(view.T_world_camera), view.width, view.height)
    hits = caster.cast_rays(rays)
    geometry = hits["geometry_ids"].numpy()
    ids = np.zeros(geometry.shape, np.uint16)
    for key, number in numbers.items():
        ids[geometry == key] = number
    # Rays from a pinhole have unit depth along the optical axis, so that their parameter is the depth.
    depth = hits["t_hit"].numpy().astype(np.float32)
    return Frame(view, np.zeros((*ids.shape, 3), np.uint8), depth, ids)


def annotate(scene: PlacedScene, frame: Frame) -> FrameAnnotation:
    """What is seen of each body, counted pixel by pixel; the whole silhouette is that of the body alone."""
    bodies = []
    for name, number in instance_ids(scene).items():
        seen = frame.ids == number
        alone = take_picture(PlacedScene({name: scene[name]}), frame.view).ids == FIRST_ID
        bodies.append(
            BodyAnnotation(
                name=name,
                instance_id=number,
                box=mask_box(seen),
                amodal_box=mask_box(alone),
                visible_pixels=int(seen.sum()),
                visible_fraction=float(seen.sum() / max(alone.sum(), 1)),
            )
        )
    return FrameAnnotation(bodies=tuple(bodies))


def before_the_grasp(task: SubTask, scene: PlacedScene) -> Moment:
    """The gripper is on its way to the target, to hold it from left and right."""
    target = scene[task.target]
    middle = np.array([*target.center, (target.bottom + target.top) / 2])
    half_width = np.array([0.0, (target.footprint.bounds[3] - target.footprint.bounds[1]) / 2, 0.0])
    path = np.linspace([0.4, 0.0, 0.35], middle, 30)
    return Moment(
        scene, "grasp", path, None, WorldGrasp(np.array([middle + half_width, middle - half_width]), np.eye(4), 0.02)
    )


def while_carrying(task: SubTask, scene: PlacedScene) -> Moment:
    """The target hangs 12 cm above its place and moves on to above the container."""
    target, container = scene[task.target], scene[task.container]
    x, y, z = target.pose.position
    lifted = scene.with_poses({task.target: target.pose.model_copy(update={"position": (x, y, z + 0.12)})})
    start = lifted[task.target].center_of_mass
    path = np.linspace(start, [*container.center, start[2]], 25)
    return Moment(lifted, "place", path + np.array([0.0, 0.0, 0.02]), path, None)


def after_the_place(task: SubTask, scene: PlacedScene) -> Moment:
    """The target stands in the middle of the container, and the gripper moves up."""
    target, container = scene[task.target], scene[task.container]
    cavity, support = container.asset.cavity, container.asset.support
    height = cavity.floor if cavity is not None else support.height if support is not None else 0.0
    x, y = container.center
    placed = scene.with_poses({task.target: target.pose.model_copy(update={"position": (x, y, height)})})
    return Moment(placed, "retreat", np.linspace([x, y, 0.1], [x - 0.1, y, 0.35], 20), None, None)


def context_of(task: SubTask, moment: Moment, view: CameraView, key: FrameKey) -> QuestionContext:
    frame = take_picture(moment.scene, view)
    annotation = annotate(moment.scene, frame)
    return QuestionContext(key, frame, annotation, TABLE_ID, ROBOT_ID, moment, task, WORKSPACE, task.instruction)
