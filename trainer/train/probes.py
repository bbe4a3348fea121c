"""What a model in training can do on held-out data. Measuring changes neither its weights nor any random number."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from accelerate.utils import DistributedType  # type: ignore[import-untyped]

from assets_index.errors import InvalidConfig
from assets_index.schema import Schema
from dataengine.storage.shard_set import ShardSet
from trainer.evaluate.closed_loop import PolicyEvaluation
from trainer.evaluate.grounding import GroundingEvaluation, KindReport, evaluate_grounding
from trainer.evaluate.policy import Policy
from trainer.evaluate.pss import ProbingBatches, alignment
from trainer.evaluate.suite import try_policy
from trainer.memory import explained_memory
from trainer.train.recipe import Recipe
from trainer.train.state import Training


class ProbeReport(Schema):
    """One measurement; None where the recipe does not ask for it or the held-out data cannot tell.

    Attributes:
        step: after so many steps.
        seconds: that it took.
        box_iou_50, box_iou: share of boxes with an IoU of at least 0.5, and the mean.
        point_accuracy: share of points on the object's visible pixels.
        trace_mae: mean absolute error of paths, pixels of the stored picture.
        unreadable: share of answers, of all three kinds, that could not be parsed.
        pss, pss_chance: alignment of both losses' gradients, and what random directions would have.
        grounding_gradient, action_gradient: norms of the planner's gradient by each loss alone, without its weight.
        success_at_end, success_ever: shares of closed-loop trials.
    """

    step: int
    seconds: float
    box_iou_50: float | None = None
    box_iou: float | None = None
    point_accuracy: float | None = None
    trace_mae: float | None = None
    unreadable: float | None = None
    pss: float | None = None
    pss_chance: float | None = None
    grounding_gradient: float | None = None
    action_gradient: float | None = None
    success_at_end: float | None = None
    success_ever: float | None = None


@dataclass(frozen=True)
class Probes:
    """Measures a model in training, on the main process. Of an averaged model the average is what is measured."""

    training: Training
    recipe: Recipe
    heldout: ShardSet
    batches: ProbingBatches | None

    @classmethod
    def open(cls, training: Training, recipe: Recipe) -> Probes | None:
        """None without held-out data.

        Raises:
            InvalidConfig: if the model is sharded, so that no process has it whole.
        """
        if not recipe.log.heldout:
            return None
        if training.accelerator.distributed_type == DistributedType.FSDP:
            raise InvalidConfig("log.heldout: a sharded model cannot be measured on the way; `trainer evaluate` can")
        heldout = ShardSet(recipe.log.heldout)
        both = recipe.grounding is not None and recipe.action is not None
        learns = any(parameter.requires_grad for parameter in training.model.planner.parameters())
        batches = None
        if both and learns and recipe.log.gradients:
            batches = ProbingBatches.draw(training.model, training.processor, heldout, recipe.log.gradients)
        return cls(training, recipe, heldout, batches)

    def due(self, step: int) -> bool:
        """Whether there is a measurement after so many steps."""
        return step % self.recipe.log.every == 0 or step == self.recipe.steps

    def measure(self, step: int) -> ProbeReport:
        """Everything that the recipe asks for, on this process alone."""
        began = time.perf_counter()
        model = self.training.model
        lower = "lower log.questions, or leave log.heldout out"
        with (
            self.training.trained_weights(),
            self.training.accelerator.autocast(),
            explained_memory("measuring on held-out data", lower),
        ):
            model.eval()
            found = {**self._answers(), **self._gradients(), **self._trials()}
            model.train()
        return ProbeReport(step=step, seconds=time.perf_counter() - began, **found)

    def _answers(self) -> dict[str, float | None]:
        if not self.recipe.log.questions:
            return {}
        config = GroundingEvaluation(kinds=("box", "point", "trace"), per_kind=self.recipe.log.questions)
        reports = evaluate_grounding(self.training.model, self.training.processor, self.heldout, None, config)
        asked = sum(report.samples for report in reports.values())
        return {
            "box_iou_50": _metric(reports, "box", "iou_50"),
            "box_iou": _metric(reports, "box", "mean_iou"),
            "point_accuracy": _metric(reports, "point", "accuracy"),
            "trace_mae": _metric(reports, "trace", "mae"),
            "unreadable": sum(report.unreadable * report.samples for report in reports.values()) / asked,
        }

    def _gradients(self) -> dict[str, float | None]:
        if self.batches is None:
            return {}
        found = alignment(self.training.model, self.batches, rank=self.recipe.log.rank)
        return {
            "pss": found.pss,
            "pss_chance": found.chance,
            "grounding_gradient": found.grounding_norm,
            "action_gradient": found.action_norm,
        }

    def _trials(self) -> dict[str, float | None]:
        if not self.recipe.log.trials or self.recipe.action is None:
            return {}
        policy = Policy(self.training.model, self.training.processor)
        config = PolicyEvaluation(max_steps=self.recipe.log.trial_steps)
        runs = [Path(self.recipe.log.heldout[0])]
        total = try_policy(policy, runs, config, trials=self.recipe.log.trials).total
        return {"success_at_end": total.success_at_end.share, "success_ever": total.success_ever.share}


def _metric(reports: Mapping[str, KindReport], kind: str, metric: str) -> float | None:
    return reports[kind].model.get(metric) if kind in reports else None
