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
    """

    attempt: int
    stage: AttemptStage
    cause: Cause
    detail: str
    target_asset: str | None = None
    container_asset: str | None = None
    relations: tuple[str, ...] = ()
    seconds: float = 0.0


class AttemptFailed(Exception):
    """Ends an attempt at some stage; `dataengine.engine.attempt` turns it into a `Rejection`."""

    def __init__(self, stage: AttemptStage, cause: Cause, detail: str) -> None:
        self.stage, self.cause, self.detail = stage, cause, detail
        super().__init__(f"{stage}: {cause}: {detail}")
