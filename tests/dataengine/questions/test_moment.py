"""Moments read off a record: paths run to the end of the present motion, in the world."""

import dataclasses

import numpy as np
import pytest

from assets_index.transforms import Pose, apply
from dataengine.questions.moment import moment_at
from dataengine.record import EpisodeMeta, EpisodeRecord, FailedTry, GraspRecord, Phase, SubTaskRecord, Verification
from dataengine.rejection import Cause
from scene_graph.task import Layout
from tests.dataengine.scenes import scene_of

PHASES = [Phase.REACH] * 4 + [Phase.APPROACH] * 2 + [Phase.GRASP] * 2
PHASES += (
    [Phase.LIFT] * 3
    + [Phase.TRANSFER] * 4
    + [Phase.PLACE] * 2
    + [Phase.RELEASE]
    + [Phase.RETREAT] * 3
    + [Phase.SETTLE] * 4
)
STEPS = len(PHASES)
LIFT, RETREAT = PHASES.index(Phase.LIFT), PHASES.index(Phase.RETREAT)
TURNED = Pose(position=(0.0, 0.0, 0.0), quaternion=(np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)))


@pytest.fixture(scope="module")
def placed():
    return scene_of(
        {"carton-yellow": (0.45, 0.0), "bowl-blue": (0.55, 0.25)}, target="carton-yellow", container="bowl-blue"
    )


@pytest.fixture(scope="module")
def record(placed):
    """The target moves with the gripper from LIFT to RELEASE, turned by 90 degrees all the time."""
    tcp = np.tile([0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0], (STEPS + 1, 1))
    tcp[:, :3] = np.linspace([0.4, 0.0, 0.4], [0.6, 0.2, 0.1], STEPS + 1)
    poses = np.zeros((STEPS + 1, 2, 7))
    poses[:, 0] = placed.scene["bowl-blue"].pose.vector
    poses[:, 1, 3:] = TURNED.quaternion
    poses[:, 1, :3] = tcp[np.clip(np.arange(STEPS + 1), LIFT, RETREAT), :3]
    grasp = GraspRecord(
        pose=Pose(position=(0.0, 0.0, 0.07), quaternion=(0.0, 1.0, 0.0, 0.0)),
        width=0.05,
        contacts=((0.0, 0.025, 0.07), (0.0, -0.025, 0.07)),
        quality=1.0,
    )
    meta = EpisodeMeta(
        attempt=0,
        run_seed=0,
        task=placed.task,
        layout=Layout(poses={}, stable_pose={}),
        bodies=("bowl-blue", "carton-yellow"),
        robot="franka_panda",
        rate=20.0,
        timestep=0.0025,
        subtasks=(SubTaskRecord(first=0, end=STEPS, padding=4, grasp=grasp),),
        verification=Verification(
            goal=(), subgoals=(), max_foreign_force=0.0, max_neighbor_shift=0.0, slip=0.0, settle_shift=0.0
        ),
        settle_steps=4,
        versions={},
    )
    zeros = np.zeros((STEPS, 7))
    return EpisodeRecord(
        meta=meta,
        joint_position=np.zeros((STEPS + 1, 7)),
        joint_velocity=np.zeros((STEPS + 1, 7)),
        finger_position=np.zeros((STEPS + 1, 1, 2)),
        tcp_pose=tcp[:, None],
        object_pose=poses,
        articulation=np.zeros((len(poses), 0)),
        joint_command=zeros,
        gripper_command=np.ones((STEPS, 1)),
        phase=np.array(PHASES, np.int8),
        foreign_force=np.zeros(STEPS, np.float32),
        gripper_force=np.zeros((STEPS, 1), np.float32),
    )


def test_before_the_grasp_the_gripper_goes_to_it_and_nothing_is_carried(record, placed):
    moment = moment_at(record, 2, placed.scene)
    assert moment.motion == "grasp"
    assert moment.object_path is None
    np.testing.assert_array_equal(moment.gripper_path, record.tcp_pose[2 : LIFT + 1, 0, :3])


def test_the_grasp_is_where_the_thing_is(record, placed):
    moment = moment_at(record, 0, placed.scene)
    target = Pose.from_vector(record.object_pose[0, 1]).matrix
    np.testing.assert_allclose(moment.grasp.contacts, apply(target, record.meta.subtasks[0].grasp.contacts))
    np.testing.assert_allclose(moment.grasp.tcp, target @ record.meta.subtasks[0].grasp.pose.matrix)
    # Turned by 90 degrees, fingers that close along the carton's y touch it at opposite x.
    assert np.ptp(moment.grasp.contacts[:, 0]) == pytest.approx(0.05)


def test_while_it_is_carried_the_thing_has_a_path_too(record, placed):
    moment = moment_at(record, LIFT + 1, placed.scene)
    assert (moment.motion, moment.grasp) == ("place", None)
    assert len(moment.gripper_path) == len(moment.object_path) == RETREAT - LIFT
    center = placed.scene["carton-yellow"].asset.center_of_mass
    np.testing.assert_allclose(moment.object_path, moment.gripper_path + center, atol=1e-12)


def test_the_scene_is_that_of_the_step(record, placed):
    for step in (0, LIFT + 2, STEPS):
        scene = moment_at(record, step, placed.scene).scene
        np.testing.assert_allclose(scene["carton-yellow"].pose.vector, record.object_pose[step, 1])


def test_the_end_of_the_episode_is_a_moment_without_a_way_to_go(record, placed):
    moment = moment_at(record, STEPS, placed.scene)
    assert moment.motion == "retreat"
    assert len(moment.gripper_path) == 1


def test_what_a_failed_try_did_is_no_example_of_what_to_do(record, placed):
    (done,) = record.meta.subtasks
    failed = FailedTry(first=0, end=LIFT + 2, grasp=done.grasp, cause=Cause.DROPPED, detail="lost")
    again = done.model_copy(update={"failed_tries": (failed,)})
    tried = dataclasses.replace(record, meta=record.meta.model_copy(update={"subtasks": (again,)}))
    for step in (0, LIFT - 1, LIFT + 1):
        moment = moment_at(tried, step, placed.scene)
        assert moment.grasp is None
        assert len(moment.gripper_path) == 1
    assert len(moment.object_path) == 1
    assert len(moment_at(tried, LIFT + 2, placed.scene).gripper_path) > 1
