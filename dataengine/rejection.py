"""Why an attempt at an episode was not accepted."""

from __future__ import annotations

from enum import StrEnum

from assets_index.schema import Schema
from scene_graph.task import TaskSpec


class AttemptStage(StrEnum):
    """Where in the pipeline an attempt ended."""

    TASK = "task"
    LAYOUT = "layout"
    SETTLE = "settle"
    GRASP = "grasp"
    PLAN = "plan"
    EXECUTE = "execute"
    VERIFY = "verify"


class Cause(StrEnum):
    """Typed causes; a new one is added here, with the stage it belongs to in its name's context."""

    IMPOSSIBLE_TASK = "impossible_task"
    UNSATISFIABLE = "unsatisfiable"
    LAYOUT_EXHAUSTED = "layout_exhausted"
    UNSETTLED = "unsettled"
    UNSTABLE_PHYSICS = "unstable_physics"
    RELATION_LOST_IN_SETTLING = "relation_lost_in_settling"
    NO_GRASP_KNOWN = "no_grasp_known"
    NO_GRASP_FREE = "no_grasp_free"
    NO_IK = "no_ik"
    APPROACH_BLOCKED = "approach_blocked"
    NO_PATH = "no_path"
    NO_LIFT = "no_lift"
    NO_PLACE = "no_place"
    NO_PART = "no_part"
    NO_PART_MOTION = "no_part_motion"
    GRASP_MISSED = "grasp_missed"
    TARGET_MOVED = "target_moved"
    DROPPED = "dropped"
    SLIPPED = "slipped"
    CONTACT_FORCE = "contact_force"
    NEIGHBOR_DISTURBED = "neighbor_disturbed"
    GOAL_MISSED = "goal_missed"
    GOAL_NOT_LASTING = "goal_not_lasting"
    TIME_OUT = "time_out"
    WORKER_DIED = "worker_died"


class TriedSubTask(Schema):
    """A sub-task that an attempt took on, and whether it got done.

    Attributes:
        relations: kinds of the relations of its goal.
    """

    skill: str
    target_asset: str
    container_asset: str | None = None
    relations: tuple[str, ...] = ()
    succeeded: bool


def tried_subtasks(task: TaskSpec, succeeded: int) -> tuple[TriedSubTask, ...]:
    """All sub-tasks of a task, the first `succeeded` of them as done."""
    assets = {node.name: node.asset_id for node in task.scene.nodes}
    return tuple(
        TriedSubTask(
            skill=subtask.skill,
            target_asset=assets[subtask.target],
            container_asset=assets.get(subtask.container),
            relations=tuple(relation.kind for relation in subtask.goal),
            succeeded=number < succeeded,
        )
        for number, subtask in enumerate(task.subtasks)
    )


class Rejection(Schema):
    """An attempt that failed.

    Attributes:
        detail: one line for a person, with figures where there are any.
        task: kind of task; subtask: number of the sub-task that failed, 0 before any began.
        tried: the sub-tasks up to the one that failed; only that one if nothing was carried out, and all of them, none
            as succeeded, if the episode as a whole did not pass.
    """

    attempt: int
    stage: AttemptStage
    cause: Cause
    detail: str
    task: str | None = None
    subtask: int = 0
    tried: tuple[TriedSubTask, ...] = ()
    seconds: float = 0.0

    @property
    def failed(self) -> TriedSubTask | None:
        """The sub-task that failed; the first one if the episode as a whole did not pass."""
        return next((tried for tried in self.tried if not tried.succeeded), None)


class AttemptFailed(Exception):
    """Ends an attempt at some stage; `dataengine.engine.attempt` turns it into a `Rejection`.

    Attributes:
        subtask: number of the sub-task under way; set by who runs them.
    """

    def __init__(self, stage: AttemptStage, cause: Cause, detail: str) -> None:
        self.stage, self.cause, self.detail = stage, cause, detail
        self.subtask = 0
        super().__init__(f"{stage}: {cause}: {detail}")
