"""One stage of training as a YAML file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from assets_index.schema import Schema
from dataengine.samples import QuestionKind
from trainer.data.normalization import Mode
from trainer.data.prompts import SpatialPrompt


class GroundingRecipe(Schema):
    """Questions and answers.

    Attributes:
        pictures: per step and device.
        questions: at most so many about each picture; they share its tokens without seeing each other.
        kinds: which questions; None for all.
        weight: of the answers' loss in the sum.
    """

    pictures: int = Field(default=4, gt=0)
    questions: int = Field(default=1, gt=0)
    kinds: tuple[QuestionKind, ...] | None = None
    weight: float = 0.1


class ActionRecipe(Schema):
    """Episodes.

    Attributes:
        samples: per step and device.
        prompt: the spatial prompt that follows every instruction, kept with the checkpoint.
        statistics: how ranges of actions are taken from the data.
        weight: of the denoising loss in the sum.
    """

    samples: int = Field(default=16, gt=0)
    prompt: SpatialPrompt = "unified"
    statistics: Mode = "quantiles"
    weight: float = 1.0


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


class Recipe(Schema):
    """One stage: spatial grounding pre-training has questions only, spatially guided post-training has both.

    Attributes:
        precision: "auto" is bf16 on a GPU and float32 on a CPU; the action expert always computes in float32.
        gradient_checkpointing: of the planner; less memory for a third more computing.
        workers: processes that prepare batches; 0 prepares them in the training process. Results do not depend on it.
        threads: of torch on a CPU; None leaves torch's choice.
        checkpoint_every: steps between checkpoints from which a run can resume.
    """

    steps: int = Field(gt=0)
    seed: int = 0
    grounding: GroundingRecipe | None = None
    action: ActionRecipe | None = None
    optimizer: OptimizerRecipe = OptimizerRecipe()
    precision: Literal["auto", "bf16", "float32"] = "auto"
    gradient_checkpointing: bool = False
    workers: int = 0
    threads: int | None = None
    checkpoint_every: int = Field(default=1000, gt=0)

    @model_validator(mode="after")
    def _has_a_stream(self) -> Recipe:
        if self.grounding is None and self.action is None:
            raise ValueError("a recipe needs `grounding`, `action` or both")
        return self
