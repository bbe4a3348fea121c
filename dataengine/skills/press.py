"""Press and push: move a part with the tips of the closed fingers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from assets_index.articulation import MovingPart
from assets_index.robot import JawGeometry
from assets_index.schema import Range
from assets_index.transforms import Array, rotation_z
from dataengine.execution import Execution
from dataengine.grasps.clearance import hand_corners
from dataengine.motion.planner import ArmPlanner
from dataengine.record import Phase
from dataengine.skills.carrying_out import control_steps
from dataengine.skills.handled_part import DOWN, TOUCHING, HandledPart, HandUse, PartMotion, hand_frame
from dataengine.skills.move_part import PartSkill, Touch
from dataengine.skills.open_close import closed_share
from dataengine.skills.part_settings import PartSettings
from dataengine.skills.segment import Segment, hold

SHUT = 0.016
"""Opening at which the planner takes the closed jaw to be, metres, so that its fingers are not seen to touch."""

TIP = 1e-4
"""Corners of the hand that lie so near to its foremost one, metres, are touched with."""


def pressed_share(part: MovingPart, settings: PartSettings) -> Range:
    """How far a button is pressed."""
    del part
    return settings.press_share


def shut_jaw(part: MovingPart, jaw: JawGeometry, distance: float) -> HandUse:
    """The jaw closed throughout."""
    del part, jaw
    return HandUse(on_the_way=SHUT, meanwhile=SHUT, distance=distance, margin=TOUCHING)


def tip_segments(
    phase: Phase, motion: PartMotion, planner: ArmPlanner, execution: Execution, settings: PartSettings
) -> Iterator[Segment]:
    """The jaw closes, the hand comes to the part, moves it along its joint (`phase`), and leaves it."""
    yield hold(Phase.REACH, execution.command, control_steps(execution, settings.close_time), 0.0)
    yield Segment(Phase.REACH, planner.commands(motion.reach), 0.0)
    yield Segment(Phase.APPROACH, planner.smooth(motion.approach, 0.7), 0.0)
    yield Segment(phase, planner.smooth(motion.move, settings.speed), 0.0)
    yield Segment(Phase.RETREAT, planner.smooth(motion.retreat, 0.85), 0.0)


def presses(
    handled: HandledPart, jaw: JawGeometry, settings: PartSettings, rng: np.random.Generator
) -> Iterator[Array]:
    """Hand poses straight against a part's face, in the asset frame, turned about that direction."""
    outward = np.array(handled.part.handle.outward)
    side = np.array([0.0, 1.0, 0.0]) if abs(outward[1]) < 0.9 else np.array([1.0, 0.0, 0.0])
    turns = 2 * np.pi * (rng.random() + np.arange(settings.yaws)) / settings.yaws
    for turn in rng.permutation(turns):
        frame = hand_frame(np.zeros(3), -outward, side)
        frame[:3, :3] = frame[:3, :3] @ rotation_z(float(turn))
        yield touching(frame, handled, jaw)


def pushes(handled: HandledPart, jaw: JawGeometry, settings: PartSettings, rng: np.random.Generator) -> Iterator[Array]:
    """Hand poses against the outside of a handle, in the asset frame, aslant from above, either way round."""
    outward = np.array(handled.part.handle.outward)
    for pitch in rng.permutation(np.array(settings.pitches)):
        approach = -np.cos(pitch) * outward + np.sin(pitch) * DOWN
        for side in (1.0, -1.0):
            yield touching(hand_frame(np.zeros(3), approach, side * np.cross(outward, DOWN)), handled, jaw)


def touching(frame: Array, handled: HandledPart, jaw: JawGeometry) -> Array:
    """The hand pose of that orientation at which the closed fingertips touch the middle of the outermost face."""
    handle = handled.part.handle
    outward = np.array(handle.outward)
    corners = hand_corners(jaw, 0.0) @ frame[:3, :3].T
    foremost = -corners @ outward
    tips = corners[foremost > foremost.max() - TIP].mean(0)
    farthest = max(float((handled.body.hulls[i] @ outward).max()) for i in handled.part.hulls)
    face = np.array(handle.position) + (farthest - outward @ handle.position) * outward
    pose = frame.copy()
    pose[:3, 3] = face - tips
    return pose


PRESS = PartSkill(Phase.PRESS, Touch(presses, shut_jaw, tip_segments), pressed_share)
PUSH = PartSkill(Phase.PUSH, Touch(pushes, shut_jaw, tip_segments), closed_share)
