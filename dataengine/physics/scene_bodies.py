"""Where free bodies, fixtures and their moving parts are in the engine's state."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numpy as np

from assets_index.articulation import MovingPart, part_name
from assets_index.transforms import Array
from dataengine.physics.model import BODY_PREFIX
from scene_graph.placed import PlacedBody

REST_SPEED = 0.02
"""Below this, m/s and 0.1 rad/s, a body counts as resting even if the engine has not put it to sleep."""


def moving_parts(bodies: Sequence[PlacedBody]) -> dict[str, MovingPart]:
    """Every moving part by its name among all bodies, in the order of `EpisodeRecord.articulation`."""
    return {
        part_name(body.name, part.name): part
        for body in bodies
        if body.asset.articulation is not None
        for part in body.asset.articulation.parts
    }


class SceneBodies:
    """Reads and writes the state of everything that is not the robot."""

    def __init__(self, model: mujoco.MjModel, bodies: Sequence[PlacedBody]) -> None:
        self._fixed_pose = np.array([body.pose.vector for body in bodies]).reshape(-1, 7)
        joints = [_free_joint(model, body) for body in bodies]
        self._free = np.array([joint is not None for joint in joints], bool)
        self._all_free = bool(self._free.all())
        free = [joint for joint in joints if joint is not None]
        self._poses = np.array([model.jnt_qposadr[j] for j in free], int)[:, None] + np.arange(7)
        self._speeds = np.array([model.jnt_dofadr[j] for j in free], int)[:, None] + np.arange(6)
        parts = moving_parts(bodies)
        numbers = [model.joint(BODY_PREFIX + name).id for name in parts]
        self._values = np.array([model.jnt_qposadr[j] for j in numbers], int)
        self._rates = np.array([model.jnt_dofadr[j] for j in numbers], int)
        self._levers = np.array([part.lever for part in parts.values()])

    def object_pose(self, data: mujoco.MjData) -> Array:
        """(N, 7), in the order of the bodies; what is bolted down stays where it was built."""
        if self._all_free:
            return np.asarray(data.qpos[self._poses])
        pose = self._fixed_pose.copy()
        pose[self._free] = data.qpos[self._poses]
        return pose

    def articulation(self, data: mujoco.MjData) -> Array:
        """(A,) joint values, metres and radians."""
        return np.asarray(data.qpos[self._values])

    def put(self, data: mujoco.MjData, object_pose: Array, articulation: Array) -> None:
        """Set every free body's pose and every joint value; speeds are left."""
        data.qpos[self._poses] = object_pose[self._free]
        data.qpos[self._values] = articulation

    def at_rest(self, data: mujoco.MjData) -> bool:
        """Whether every free body and every part moves slower than `REST_SPEED`."""
        speed = np.abs(data.qvel[self._speeds])
        parts = np.abs(data.qvel[self._rates]) * self._levers
        return bool((speed[:, :3] < REST_SPEED).all() and (speed[:, 3:] < 5 * REST_SPEED).all()) and bool(
            (parts < REST_SPEED).all()
        )


def _free_joint(model: mujoco.MjModel, body: PlacedBody) -> int | None:
    articulation = body.asset.articulation
    if articulation is not None and articulation.bolted:
        return None
    return int(model.body(BODY_PREFIX + body.name).jntadr[0])
