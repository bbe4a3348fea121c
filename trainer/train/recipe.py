"""One stage of training as a YAML file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from assets_index.errors import InvalidConfig
from assets_index.schema import Schema, parse_yaml, read_yaml, validate
from dataengine.samples import QuestionKind
from trainer.data.normalization import Mode
from trainer.data.prompts import SpatialPrompt
from trainer.data.sources.source import Source
from trainer.evaluate.pss import RANK


class GroundingRecipe(Schema):
    """Questions and answers.

    Attributes:
        pictures: in a batch; each device has one batch a step, or `accumulate` of them.
        questions: at most so many about each picture; they share its tokens without seeing each other.
        kinds: which questions; None for all.
        row_tokens: pictures with their questions share rows of up to so many tokens, without seeing each other, which
            leaves less padding; None gives each a row. Florence-2 has a row for each question in any case.
        weight: of the answers' loss in the sum; 0.1 is the paper's ratio of 1:10 (table 7 goes from 1:1 to 1:20).
    """

    pictures: int = Field(default=4, gt=0)
    questions: int = Field(default=1, gt=0)
    kinds: tuple[QuestionKind, ...] | None = None
    row_tokens: int | None = Field(default=512, gt=0)
    weight: float = Field(default=0.1, ge=0.0)


class ActionRecipe(Schema):
    """Episodes.

    Attributes:
        samples: in a batch.
        prompt: the spatial prompt that follows every instruction, kept with the checkpoint.
        statistics: how ranges of actions are taken from the data; "keep" takes those of the checkpoint.
        failures: whether tries that came to nothing, and steps in which the scene was disturbed on purpose, are
            imitated too.
        weight: of the denoising loss in the sum.
    """

    samples: int = Field(default=16, gt=0)
    prompt: SpatialPrompt = "unified"
    statistics: Mode | Literal["keep"] = "quantiles"
    failures: bool = False
    weight: float = Field(default=1.0, ge=0.0)


class OptimizerRecipe(Schema):
    """AdamW with linear warm-up and a cosine down to `final_rate` times the peak.

    Attributes:
        planner, action_expert, rest: peak learning rates of the three groups of parameters.
    """

    planner: float = 1e-5
    action_expert: float = 1e-4
    rest: float = 5e-5
    warmup: int = 5000
    final_rate: float = 0.01
    betas: tuple[float, float] = (0.9, 0.95)
    weight_decay: float = 1e-8
    clip_norm: float = 1.0


class LogRecipe(Schema):
    """What is measured while a model learns; nothing of it changes what is learned.

    Attributes:
        heldout: runs or shards that are not trained on, as `trainer train --heldout` names them; without any, losses
            and speed are all that is logged.
        every: steps between two measurements on them; one more is made before the first step and after the last.
        questions: of each kind (box, point, trace) that are answered; 0 for none.
        gradients: questions, and moments, whose gradients are compared (PSS); 0 for none.
        rank: directions kept of each gradient.
        trials: in closed loop, on the first of `heldout`, which then is a run with records; 0 for none.
        trial_steps: control steps of a trial at most.
        wandb: project of Weights & Biases that is told everything, too; None for none.
    """

    heldout: tuple[str, ...] = ()
    every: int = Field(default=1000, gt=0)
    questions: int = Field(default=32, ge=0)
    gradients: int = Field(default=64, ge=0)
    rank: int = Field(default=RANK, gt=0)
    trials: int = Field(default=0, ge=0)
    trial_steps: int = Field(default=600, gt=0)
    wandb: str | None = None


class Recipe(Schema):
    """One stage: spatial grounding pre-training has questions only, spatially guided post-training has both.

    Attributes:
        accumulate: batches whose gradients are averaged in a step.
        ema: decay of an exponential average of the weights, which becomes the trained model; None keeps the last ones.
        freeze: paths of modules that are not trained, such as `planner.network.model.visual` or `encoder`.
        compile: blocks by torch.compile; the first steps then take minutes.
        precision: "auto" is bf16 on a GPU and float32 on a CPU; the action expert always computes in float32.
        gradient_checkpointing: of the planner; less memory for a third more computing.
        workers: processes that prepare batches, so many for questions and as many for actions; 0 prepares them in the
            training process. Results do not depend on it.
        threads: of torch on a CPU; None leaves torch's choice.
        checkpoint_every: steps between checkpoints from which a run can resume.
        sources: data beside those of the command line.
        max_damaged: share of a source's items that may be unreadable; each is named, and another one takes its place.
    """

    steps: int = Field(gt=0)
    seed: int = 0
    grounding: GroundingRecipe | None = None
    action: ActionRecipe | None = None
    optimizer: OptimizerRecipe = OptimizerRecipe()
    accumulate: int = Field(default=1, gt=0)
    ema: float | None = Field(default=None, gt=0.0, lt=1.0)
    freeze: tuple[str, ...] = ()
    compile: bool = False
    precision: Literal["auto", "bf16", "float32"] = "auto"
    gradient_checkpointing: bool = False
    workers: int = 0
    threads: int | None = None
    checkpoint_every: int = Field(default=1000, gt=0)
    sources: tuple[Source, ...] = ()
    max_damaged: float = Field(default=0.001, ge=0.0, le=1.0)
    log: LogRecipe = LogRecipe()

    @model_validator(mode="after")
    def _has_a_stream(self) -> Recipe:
        if self.grounding is None and self.action is None:
            raise ValueError("a recipe needs `grounding`, `action` or both")
        return self


def read_recipe(path: Path, changes: Sequence[str] = ()) -> Recipe:
    """A recipe's file with single keys changed, each as `grounding.weight=0.05`.

    Raises:
        InvalidConfig: if the file or a change does not fit.
    """
    data = read_yaml(path, Recipe).model_dump(mode="json")
    for change in changes:
        key, sign, value = change.partition("=")
        *parents, last = key.split(".")
        place: Any = data
        for parent in parents:
            place = place.get(parent)
            if not isinstance(place, dict):
                raise InvalidConfig(f"--set {change}: the recipe has no {parent!r} with keys of its own")
        if not sign:
            raise InvalidConfig(f"--set {change}: write it as key=value")
        place[last] = parse_yaml(value)
    return validate(data, Recipe, f"{path}{''.join(f' --set {change}' for change in changes)}")
