"""Whether an arm, and what it holds, is clear of everything else at a joint configuration."""

from __future__ import annotations

import copy

import mujoco
import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array, Pose, inverse
from dataengine.physics.model import BODY_PREFIX
from dataengine.physics.simulation import Simulation

ARM, HAND = (0b011, 0b001), (0b010, 0b001)
WORLD, HELD, IGNORED = (0b000, 0b010), (0b010, 0b000), (0b000, 0b000)
"""contype and conaffinity: the arm meets itself, its hand and the world; the hand meets arm and world, but not itself,
or fingers that hold something thin would be too near to each other; what it holds meets the world only. Other arms are
part of the world; its own base, bolted to it, is ignored."""

MARGIN = 0.008
"""Distances up to this one, metres, can be asked for."""


class ClearanceModel:
    """Distance checks for one arm on a copy of a simulation's model; the simulation itself is never touched.

    Args:
        arm: its number; the others stand still where they are.
    """

    def __init__(self, simulation: Simulation, target: str, arm: int = 0) -> None:
        self._model = model = copy.copy(simulation.model)
        self._data = mujoco.MjData(model)
        model.opt.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_MULTICCD)
        model.opt.enableflags &= ~int(mujoco.mjtEnableBit.mjENBL_SLEEP)
        self._number, self._arm = arm, simulation.arms[arm]
        body = model.body(BODY_PREFIX + target)
        self._target_qpos = int(model.joint(int(body.jntadr[0])).qposadr[0])
        self._target_body = int(body.id)
        self._target_geoms = np.flatnonzero(model.geom_bodyid == body.id)
        self._held: Array | None = None
        self._sort_geoms()
        self.follow(simulation)

    def _sort_geoms(self) -> None:
        model, arm = self._model, self._arm
        base = model.geom_bodyid == model.body(arm.robot.base_body).id
        model.geom_contype[base], model.geom_conaffinity[base] = IGNORED
        active = (model.geom_contype | model.geom_conaffinity) > 0
        is_robot = np.isin(model.geom_bodyid, arm.links)
        is_hand = np.isin(model.geom_bodyid, _subtree(model, arm.hand))
        model.geom_contype[active & is_robot], model.geom_conaffinity[active & is_robot] = ARM
        model.geom_contype[active & is_hand], model.geom_conaffinity[active & is_hand] = HAND
        model.geom_contype[active & ~is_robot], model.geom_conaffinity[active & ~is_robot] = WORLD
        model.geom_margin[is_robot] = MARGIN
        model.geom_margin[self._target_geoms] = MARGIN
        for body in range(model.nbody):  # the broad phase asks bodies, not geoms
            geoms = model.geom_bodyid == body
            model.body_contype[body] = np.bitwise_or.reduce(model.geom_contype[geoms])
            model.body_conaffinity[body] = np.bitwise_or.reduce(model.geom_conaffinity[geoms])
            model.body_margin[body] = model.geom_margin[geoms].max(initial=0.0)

    def follow(self, simulation: Simulation) -> None:
        """Take over every pose of the simulation; nothing is held any more."""
        self._data.qpos[:] = simulation.data.qpos
        self._held = None
        self._set_target(WORLD)

    def hold(self, tcp_to_target: Array) -> None:
        """From now on the target moves with the hand; `tcp_to_target` is its pose (4, 4) in the TCP frame."""
        self._held = tcp_to_target
        self._set_target(HELD)

    def stand(self, pose: Array) -> None:
        """The target stands at `pose` (4, 4) in the world, to be kept clear of."""
        self._held = None
        self._move_target(pose)
        self._set_target(WORLD)

    def put_part(self, value: float) -> None:
        """The target, which is a moving part, stands at a joint value, to be kept clear of."""
        self._held = None
        self._data.qpos[self._target_qpos] = value
        self._set_target(WORLD)

    def _move_target(self, pose: Array) -> None:
        position, quaternion = self._target_qpos, self._target_qpos + 3
        self._data.qpos[position:quaternion] = pose[:3, 3]
        mujoco.mju_mat2Quat(self._data.qpos[quaternion : quaternion + 4], pose[:3, :3].ravel())

    def leave_out(self) -> None:
        """Leave the target out of the checks, as when the fingers go around it."""
        self._held = None
        self._set_target(IGNORED)

    def set_jaw(self, opening: float) -> None:
        """Set the distance between the fingers, metres."""
        jaw = self._arm.jaw
        self._data.qpos[jaw.joints] = jaw.joint_positions(opening / 2)

    def ignore(self, name: str) -> None:
        """Leave another body out of all checks from now on."""
        body = self._model.body(BODY_PREFIX + name).id
        self._set_role(int(body), np.flatnonzero(self._model.geom_bodyid == body), IGNORED)

    def _set_target(self, role: tuple[int, int]) -> None:
        self._set_role(self._target_body, self._target_geoms, role)

    def _set_role(self, body: int, geoms: NDArray[np.intp], role: tuple[int, int]) -> None:
        model = self._model
        model.geom_contype[geoms], model.geom_conaffinity[geoms] = role
        model.body_contype[body], model.body_conaffinity[body] = role

    def tcp(self, joints: Array) -> Array:
        """T_world_tcp (4, 4) at a configuration."""
        self._data.qpos[self._arm.joints] = joints
        mujoco.mj_kinematics(self._model, self._data)
        return self._arm.tcp(self._data)

    def is_free(self, joints: Array, margin: float = 0.0) -> bool:
        """Whether arm and held body keep at least `margin` metres (at most `MARGIN`) from everything else."""
        model, data = self._model, self._data
        data.qpos[self._arm.joints] = joints
        mujoco.mj_kinematics(model, data)
        if self._held is not None:
            self._move_target(self._arm.tcp(data) @ self._held)
            mujoco.mj_kinematics(model, data)
        mujoco.mj_collision(model, data)
        return data.ncon == 0 or bool((data.contact.dist[: data.ncon] >= margin).all())

    def is_free_between(self, start: Array, end: Array, margin: float = 0.0, resolution: float = 0.05) -> bool:
        """Whether the straight joint line is free; checked every `resolution` rad of the fastest joint, ends first."""
        count = max(1, int(np.ceil(np.abs(end - start).max() / resolution)))
        order = sorted(range(1, count + 1), key=lambda i: (i % 2 == 0, i)) if count > 2 else range(1, count + 1)
        return all(self.is_free(start + (end - start) * i / count, margin) for i in reversed(list(order)))

    def target_in_tcp(self, simulation: Simulation) -> Array:
        """Measured pose (4, 4) of the simulation's target in the TCP frame."""
        state = simulation.state()
        names = [body.name for body in simulation.bodies]
        pose = state.object_pose[names.index(str(simulation.target))]
        return inverse(Pose.from_vector(state.tcp_pose[self._number]).matrix) @ Pose.from_vector(pose).matrix


def _subtree(model: mujoco.MjModel, root: int) -> list[int]:
    """A body and everything attached to it; bodies are numbered from the root outwards."""
    found = {root}
    for body in range(root + 1, model.nbody):
        if model.body_parentid[body] in found:
            found.add(body)
    return sorted(found)
