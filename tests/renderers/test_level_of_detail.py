"""What decimating the meshes of robots and assets costs in the picture."""

from __future__ import annotations

import numpy as np

from assets_index.decimation import reduced
from assets_index.robots import robot
from dataengine.record_scene import ROBOT_DETAIL, Detail, link_kinematics
from renderers.annotations import annotate
from renderers.backends import open_renderer
from renderers.camera import camera_view
from renderers.camera_presets import front_camera, wrist_camera
from renderers.frame import Frame
from renderers.robot_bodies import robot_bodies
from renderers.scene import RenderBody, RenderScene
from tests.assets_index.test_decimation import ball
from tests.renderers.shapes import at, plain_look

SIZE = 224
ROBOT_ID = 2
VISIBLE_CHANGE = 24
"""Change of a pixel, in steps of 255, that one sees."""


def test_decimated_links_look_like_whole_ones() -> None:
    poses = link_kinematics(robot()).poses(robot().home, [0.04, 0.04])
    renderer = open_renderer("filament", width=SIZE, height=SIZE)
    frames: list[Frame] = []
    faces = []
    for detail in (1.0, ROBOT_DETAIL):
        scene = RenderScene(robot_bodies(robot(), ROBOT_ID, detail))
        faces.append(sum(len(part.faces) for body in scene.bodies for part in body.parts))
        renderer.open(scene, plain_look())
        frames.append(renderer.draw(poses, camera_view(front_camera(SIZE, SIZE), plain_look(), np.eye(4)), ids=True))
    renderer.close()
    whole, light = ((frame.ids == ROBOT_ID) for frame in frames)
    both = whole & light
    change = np.abs(frames[0].rgb.astype(float) - frames[1].rgb).max(-1)[both]
    assert faces[1] < 0.1 * faces[0]
    assert both.sum() / (whole | light).sum() > 0.985
    assert change.mean() < 5.0
    assert (change > VISIBLE_CHANGE).mean() < 0.04


def test_reduced_assets_look_like_whole_ones_from_the_hand() -> None:
    """A finely meshed ball, 15 cm from the camera on the hand: half a pixel is allowed, less is seen."""
    whole = ball(80)
    small = reduced(whole, Detail.of_pictures(SIZE).tolerance)
    assert len(small.faces) < 0.15 * len(whole.faces)
    camera = wrist_camera(SIZE, SIZE)
    mount = np.linalg.inv(camera.pose.matrix)  # puts the camera at the origin
    poses = {"ball": at(0.0, 0.0, 0.15 + 0.05)}
    view = camera_view(camera, plain_look(), mount)
    renderer = open_renderer("filament", width=SIZE, height=SIZE)
    frames: list[Frame] = []
    for part in (whole, small):
        scene = RenderScene((RenderBody("ball", "object", 3, (part,)),))
        renderer.open(scene, plain_look())
        frames.append(renderer.draw(poses, view, ids=True))
        note = annotate(frames[-1], scene, poses)["ball"]
        assert note.visible_fraction > 0.999, "ids and labels are of the mesh that is drawn"
    renderer.close()
    first, second = ((frame.ids == 3) for frame in frames)
    both = first & second
    change = np.abs(frames[0].rgb.astype(float) - frames[1].rgb).max(-1)[both]
    assert both.sum() / (first | second).sum() > 0.99
    assert change.mean() < 2.0
    assert (change > VISIBLE_CHANGE).mean() < 0.01
