"""What decimating the robot's meshes costs in the picture."""

from __future__ import annotations

import numpy as np

from assets_index.robots import robot
from dataengine.record_scene import ROBOT_DETAIL, link_kinematics
from renderers.backends import open_renderer
from renderers.camera import camera_view
from renderers.camera_presets import front_camera
from renderers.frame import Frame
from renderers.robot_bodies import robot_bodies
from renderers.scene import RenderScene
from tests.renderers.shapes import plain_look

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
