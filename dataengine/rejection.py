"""Why an attempt at an episode was not accepted."""

from __future__ import annotations

from enum import StrEnum

from assets_index.schema import Schema


class AttemptStage(StrEnum):
    """Where in the pipeline an attempt ended."""

    LAYOUT = "layout"
    SETTLE = "settle"
    GRASP = "grasp"
    PLAN = "plan"
    EXECUTE = "execute"
    VERIFY = "verify"


class Cause(StrEnum):
    """Typed causes; a new one is added here, with the stage it belongs to in its name's context."""

    UNSATISFIABLE = "unsatisfiable"
    LAYOUT_EXHAUSTED = "layout_exhausted"
    UNSETTLED = "unsettled"
    RELATION_LOST_IN_SETTLING = "relation_lost_in_settling"
    NO_GRASP_KNOWN = "no_grasp_known"
    NO_GRASP_FREE = "no_grasp_free"
    NO_IK = "no_ik"
    APPROACH_BLOCKED = "approach_blocked"
    NO_PATH = "no_path"
    NO_LIFT = "no_lift"
    NO_PLACE = "no_place"
    GRASP_MISSED = "grasp_missed"
    DROPPED = "dropped"
    SLIPPED = "slipped"
    CONTACT_FORCE = "contact_force"
    NEIGHBOR_DISTURBED = "neighbor_disturbed"
    GOAL_MISSED = "goal_missed"
    GOAL_NOT_LASTING = "goal_not_lasting"
    TIME_OUT = "time_out"
    WORKER_DIED = "worker_died"


class Rejection(Schema):
    """An attempt that failed.

    Attributes:
        detail: one line for a person, with figures where there are any.
        task: kind of task; subtask: number of the sub-task that failed, 0 before any began; skill: its skill.
        target_asset, container_asset, relations: of that sub-task.
    """

    attempt: int
    stage: AttemptStage
    cause: Cause
    detail: str
    task: str | None = None
    subtask: int = 0
    skill: str | None = None
    target_asset: str | None = None
    container_asset: str | None = None
    relations: tuple[str, ...] = ()
    seconds: float = 0.0


class AttemptFailed(Exception):
    """Ends an attempt at some stage; `dataengine.engine.attempt` turns it into a `Rejection`.

    Attributes:
        subtask: number of the sub-task under way; set by who runs them.
    """

    def __init__(self, stage: AttemptStage, cause: Cause, detail: str) -> None:
        self.stage, self.cause, self.detail = stage, cause, detail
        self.subtask = 0
        super().__init__(f"{stage}: {cause}: {detail}")
