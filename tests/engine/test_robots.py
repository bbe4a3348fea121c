"""What holds of every robot, and of gripper files of their own."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_index.errors import MissingAsset
from assets_index.robot import GripperMount, RobotDescription
from assets_index.robot_model import InvalidRobot, kinematic_model, robot_spec
from assets_index.robots import robot
from assets_index.robots.packaged import menagerie, packaged
from assets_index.robots.ur5e import ROBOTIQ_2F85_JAW, ROBOTIQ_2F85_LINKAGE, TCP_Z
from dataengine.motion.kinematics import kinematics
from dataengine.physics.errors import UnsupportedRobot
from tests.engine.optional import needs_ssik

GRIPPER = menagerie("robotiq_2f85_v4/2f85.xml")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"hand_body": "no_hand"}, "body 'no_hand'"),
        ({"joints": ("joint1", "no_joint")}, "joint 'no_joint'"),
        ({"gripper_actuator": "no_motor"}, "actuator 'no_motor'"),
        ({"pad_geom_classes": ("no_class",)}, "class 'no_class'"),
        ({"gripper": GripperMount(mjcf=GRIPPER, site="no_site", prefix="g_")}, "site 'no_site'"),
        ({"mjcf": GRIPPER.parent / "no_file.xml"}, "no_file.xml"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_robot_file_that_lacks_something_is_refused_in_one_line(
    arm: RobotDescription, change: dict[str, object], what: str
) -> None:
    with pytest.raises(InvalidRobot, match=what) as refusal:
        robot_spec(arm.model_copy(update=change))
    assert "\n" not in str(refusal.value)
    assert arm.name in str(refusal.value)


@needs_ssik
def test_an_arm_without_closed_form_inverse_kinematics_is_refused_by_name(arm: RobotDescription) -> None:
    five = arm.model_copy(update={"name": "five_axis", "ik": "ssik", "joints": arm.joints[:5]})
    with pytest.raises(UnsupportedRobot, match="five_axis"):
        kinematics(five)


@pytest.fixture(scope="module")
def gripper() -> tuple[mujoco.MjModel, mujoco.MjData]:
    model = mujoco.MjModel.from_xml_path(str(GRIPPER))
    return model, mujoco.MjData(model)


@settings(max_examples=30)
@given(opening=st.floats(0.0, ROBOTIQ_2F85_JAW.max_opening))
def test_the_linkage_opens_the_pads_as_far_as_it_says(
    gripper: tuple[mujoco.MjModel, mujoco.MjData], opening: float
) -> None:
    model, data = gripper
    angle = ROBOTIQ_2F85_LINKAGE.angle(np.array(opening / 2))
    assert ROBOTIQ_2F85_LINKAGE.half_opening(angle) == pytest.approx(opening / 2, abs=1e-9)
    mujoco.mj_resetData(model, data)
    data.qpos[:] = angle
    mujoco.mj_forward(model, data)
    inner = [data.geom(name).xpos[0] for name in ("left_pad1", "right_pad1")]
    thickness = 2 * model.geom("left_pad1").size[0]
    assert inner[1] - inner[0] - thickness == pytest.approx(opening, abs=1e-4)
    assert np.abs(data.efc_pos[: data.ne]).max() < 2e-5  # metres or rad by which the linkage is torn apart


@settings(max_examples=15)
@given(opening=st.floats(0.0, ROBOTIQ_2F85_JAW.max_opening))
def test_the_jaw_boxes_hold_the_whole_gripper(gripper: tuple[mujoco.MjModel, mujoco.MjData], opening: float) -> None:
    model, data = gripper
    mujoco.mj_resetData(model, data)
    data.qpos[:] = ROBOTIQ_2F85_LINKAGE.angle(np.array(opening / 2))
    mujoco.mj_kinematics(model, data)
    points = np.concatenate([_corners(model, data, geom) for geom in range(model.ngeom) if model.geom_contype[geom]])
    local = np.column_stack([-points[:, 1], points[:, 0], points[:, 2] - TCP_Z])
    local[:, 1] = np.abs(local[:, 1])
    held = np.zeros(len(local), bool)
    for box, shift in (
        *((box, 0.0) for box in ROBOTIQ_2F85_JAW.palm),
        *((box, opening / 2) for box in ROBOTIQ_2F85_JAW.finger),
    ):
        held |= (np.abs(local - np.array(box.center) - [0.0, shift, 0.0]) < np.array(box.half) + 5e-4).all(1)
    assert held.all(), local[~held]


def _corners(model: mujoco.MjModel, data: mujoco.MjData, geom: int) -> np.ndarray:
    """The vertices of a mesh or box geom in the world."""
    if model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_MESH:
        mesh = model.geom_dataid[geom]
        local = model.mesh_vert[model.mesh_vertadr[mesh] :][: model.mesh_vertnum[mesh]]
    else:
        local = model.geom_size[geom] * np.array(np.meshgrid(*[(-1, 1)] * 3)).reshape(3, -1).T
    return local @ data.geom_xmat[geom].reshape(3, 3).T + data.geom_xpos[geom]


def test_the_links_of_the_franka_are_those_of_its_file() -> None:
    model = kinematic_model(robot())
    plain = mujoco.MjModel.from_xml_path(str(robot().mjcf))
    assert [model.body(i).name for i in range(model.nbody)] == [plain.body(i).name for i in range(plain.nbody)]
    assert np.array_equal(model.body_pos, plain.body_pos)


def test_a_robot_file_that_is_not_installed_says_what_to_install() -> None:
    with pytest.raises(MissingAsset, match=r"pip install some-arm==1\.0"):
        packaged("no_such_package", "arm.xml", "some-arm==1.0")
