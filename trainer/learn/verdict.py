"""What the learning test wants, what was reached, and what bounds it."""

from __future__ import annotations

from collections.abc import Mapping

from assets_index.schema import Schema
from trainer.evaluate.closed_loop import PolicyReport, TrialReport
from trainer.evaluate.grounding import KindReport

BOX_FACTOR = 3.0
"""By how much stage 1's box IoU@0.5 is to exceed that of a constant box."""
SUCCESS = 0.5
"""Share of unseen layouts in which the best policy is to succeed."""
LIFTED, TOUCHED = 0.03, 0.01
"""Metres by which a target must have been lifted, or moved, to count as picked up, or touched."""


class Bound(Schema):
    """One thing that is wanted.

    Attributes:
        wanted, reached: for a person.
    """

    what: str
    wanted: str
    reached: str
    holds: bool


def box_bound(stage1: Mapping[str, KindReport]) -> Bound:
    """Whether stage 1 finds boxes on unseen layouts."""
    model, constant = (scores["iou_50"] for scores in (stage1["box"].model, stage1["box"].baseline))
    return Bound(
        what="stage 1: boxes on unseen layouts, IoU@0.5",
        wanted=f"{BOX_FACTOR:.0f} x the constant box's {constant:.3f}",
        reached=f"{model:.3f}",
        holds=model > 0.0 and model >= BOX_FACTOR * constant,
    )


def success_bound(reports: Mapping[str, PolicyReport]) -> Bound:
    """Whether any recipe's policy succeeds often enough on unseen layouts."""
    title = best_policy(reports)
    best = reports[title]
    return Bound(
        what="best policy: success at the end on unseen layouts",
        wanted=f"{SUCCESS:.0%} of trials",
        reached=f"{best.total.success_at_end} of {len(best.trials)} ({title})",
        holds=best.total.success_at_end.share >= SUCCESS,
    )


def best_policy(reports: Mapping[str, PolicyReport]) -> str:
    """The one that succeeds most often at the end; of equal ones the first."""
    return max(reports, key=lambda title: reports[title].total.success_at_end.share)


STAGES = ("done", "done, but not to the end", "picked up, not brought", "touched, not picked up", "not touched")
"""How far a trial can come, the furthest first."""


def how_far(trial: TrialReport) -> str:
    """Which of `STAGES` a trial came to."""
    came = (
        trial.success_at_end,
        trial.success_ever,
        trial.target_lifted >= LIFTED,
        trial.target_moved >= TOUCHED,
        True,
    )
    return STAGES[came.index(True)]
