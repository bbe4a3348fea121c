"""All backends show the same: ids, depth and boxes on twenty scenes of real assets."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from assets_index.procedural.library import build
from assets_index.robots import robot
from assets_index.transforms import rotation_from_quaternion, rotation_z
from dataengine.record_scene import ROBOT_ID, TABLE_ID, LinkKinematics, table_pose
from renderers.annotations import mask_box
from renderers.camera import CameraView, Intrinsics, camera_view
from renderers.camera_presets import front_camera, head_camera
from renderers.frame import Frame
from renderers.robot_bodies import robot_bodies
from renderers.scene import Poses, RenderBody, RenderScene
from tests.renderers.opened import INSTALLED, opened
from tests.renderers.shapes import plain_look

SCENES = 20
CATEGORIES = (
    "mug", "bowl", "plate", "basket", "apple", "banana", "can", "carton", "book", "spoon", "ball", "drawer cabinet",
    "bottle", "sponge",
)  # fmt: skip
SPOTS = np.array([(x, y) for x in (0.38, 0.55, 0.7) for y in (-0.28, 0.0, 0.28)])

SEEN = 400
"""Pixels from which on a thing has to look alike."""

Cast = dict[str, Frame]

built = lru_cache(build)


@pytest.fixture(scope="module")
def casts() -> list[Cast]:
    """Each scene as each backend draws it."""
    scenes = [scene_of(number) for number in range(SCENES)]
    drawn: list[Cast] = [{} for _ in scenes]
    for name in INSTALLED:
        renderer = opened(name)
        for frames, (scene, poses, view) in zip(drawn, scenes, strict=True):
            renderer.open(scene, plain_look())
            frames[name] = renderer.draw(poses, view, depth=True, ids=True)
        renderer.close()
    return drawn


def scene_of(number: int) -> tuple[RenderScene, Poses, CameraView]:
    """Seven things, turned and jittered, in some scenes about an arm near its home, seen from the front or the head."""
    rng = np.random.default_rng(number)
    table, table_parts, _ = built("dining table", number % 2)
    bodies, poses = [RenderBody("table", "table", TABLE_ID, tuple(table_parts))], {"table": table_pose(table)}
    if number % 4 == 0:
        # The whole robot: decimated links have cracks, through which a rasterizer sees and a ray does not.
        bodies += robot_bodies(robot(), ROBOT_ID, detail=1.0)
        poses |= LinkKinematics(robot()).poses(np.array(robot().home) + rng.uniform(-0.3, 0.3, 7), (0.03, 0.03))
    spots = SPOTS[rng.permutation(len(SPOTS))[:7]] + rng.uniform(-0.03, 0.03, (7, 2))
    for i, (category, spot) in enumerate(zip(rng.permutation(CATEGORIES), spots, strict=False)):
        asset, parts, _ = built(str(category), number % 2)
        stable = asset.upright_pose
        pose = np.eye(4)
        pose[:3, :3] = rotation_z(rng.uniform(-np.pi, np.pi)) @ rotation_from_quaternion(stable.quaternion)
        pose[:3, 3] = *spot, stable.height
        poses[f"thing{i}"] = pose
        bodies.append(RenderBody(f"thing{i}", "object", ROBOT_ID + 1 + i, tuple(parts)))
    camera = (front_camera if number % 3 else head_camera)(lens=Intrinsics.of_fov(224, 224, 0.5))
    return RenderScene(tuple(bodies), poses["table"][2, 3]), poses, camera_view(camera, plain_look(), np.eye(4))


def shared(ours: Frame, theirs: Frame) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Masks of everything of which enough is seen in either picture, as both have it."""
    numbers = [number for number in np.unique(ours.ids) if number > 0]
    masks = [(ours.ids == number, theirs.ids == number) for number in numbers]
    return [(a, b) for a, b in masks if max(a.sum(), b.sum()) > SEEN]


@pytest.mark.parametrize("pair", list(combinations(INSTALLED, 2)), ids="-".join)
def test_masks_boxes_and_depth_are_the_same(casts: list[Cast], pair: tuple[str, str]) -> None:
    compared = 0
    for number, frames in enumerate(casts):
        ours, theirs = (frames[name] for name in pair)
        for a, b in shared(ours, theirs):
            both = a & b
            assert both.sum() / (a | b).sum() >= 0.98, f"scene {number}"
            np.testing.assert_allclose(mask_box(a), mask_box(b), atol=1.0, err_msg=f"scene {number}")
            assert np.median(np.abs(ours.depth[both] - theirs.depth[both])) <= 0.002, f"scene {number}"
            compared += 1
    assert compared > 4 * SCENES
