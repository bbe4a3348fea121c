"""Which arm of a set-up does what: what each of them could do in a layout, and which is nearer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assets_index.robots import arms
from dataengine.engine.config import EngineConfig
from dataengine.engine.feasibility import PickPlaceFeasibility
from dataengine.engine.refusals import Refusals
from dataengine.engine.workroom import Workroom
from dataengine.physics.simulation import Simulation
from scene_graph.feasibility import Feasibility
from scene_graph.placed import GeometrySource, PlacedBody
from scene_graph.task import SubTask, TaskSpec


@dataclass(frozen=True)
class SomeArmFeasibility:
    """What is left of a task's picks and places for the arms of a set-up: a `scene_graph.feasibility.Feasibility`.

    Attributes:
        ways: for each sub-task that picks something up first, what is left of it for each arm that can still do it.
    """

    ways: tuple[tuple[PickPlaceFeasibility, ...], ...]

    def with_body(self, body: PlacedBody, placed: Mapping[str, PlacedBody]) -> SomeArmFeasibility | None:
        """The same with one more body; None if no arm is left for a sub-task. Raises as `PickPlaceFeasibility`."""
        ways = []
        for arms_left in self.ways:
            after = tuple(way for way in (each.with_body(body, placed) for each in arms_left) if way is not None)
            if not after:
                return None
            ways.append(after)
        return SomeArmFeasibility(tuple(ways))


def pick_place_feasibility(
    task: TaskSpec, assets: GeometrySource, config: EngineConfig, wanted: int, refusals: Refusals
) -> Feasibility:
    """What the arms of a configuration can do of a task's picks and places while no body is placed; see `Workroom`."""
    rooms = [Workroom(task, assets, config, wanted, arm, refusals) for arm in arms(config.robot)]
    if len(rooms) == 1:
        return PickPlaceFeasibility(rooms[0])
    return SomeArmFeasibility(
        tuple(
            tuple(PickPlaceFeasibility(room.only(number)) for room in rooms)
            for number in sorted(rooms[0].picks.values())
        )
    )


def nearest_first(simulation: Simulation, subtask: SubTask) -> list[int]:
    """Numbers of the arms, first the one whose base is, taken together, nearest to the target and to where it goes."""
    scene = simulation.scene()
    places = [scene[name].center for name in (subtask.target, subtask.container)]
    bases = [np.array(arm.mounted.base.position[:2]) for arm in simulation.arms]
    ways = [sum(float(np.linalg.norm(place - base)) for place in places) for base in bases]
    return [int(number) for number in np.argsort(ways, kind="stable")]
