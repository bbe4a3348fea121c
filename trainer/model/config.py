"""Sizes and choices of the model beside its two pretrained encoders, as `config.json` of a checkpoint keeps them."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from assets_index.schema import Schema
from dataengine.actions import ActionSpec
from trainer.data.prompts import SpatialPrompt


class QueryingTransformerConfig(Schema):
    """The bridge from planner to action expert (paper 2.1); the defaults have 8,710,656 parameters with a 3B planner.

    Attributes:
        queries: learned queries; as many tokens condition the action expert.
        layers: one cross-attention block per entry, each attending to the planner's hidden states of that index: 0
            is the embedding, i the output of layer i, -1 the last one after the final norm.
        attention_gain: factor on the initial weights of queries and keys. With 1 the attention begins as the mean over
            all tokens, and is slow to leave it; above, it begins selective.
        gradient_decay: factor on the gradients that flow back into the planner.
    """

    queries: int = 64
    width: int = 768
    heads: int = 8
    layers: tuple[int, ...] = (-1,)
    dropout: float = 0.1
    attention_gain: float = Field(default=1.0, gt=0.0)
    gradient_decay: float = Field(default=0.5, ge=0.0, le=1.0)


class ActionExpertConfig(Schema):
    """The diffusion transformer; the defaults are DiT-B, 86.5 M parameters.

    Attributes:
        condition_dropout: share of training samples whose condition is replaced by the learned null, for guidance.
        noise_repeats: noise draws per sample in training; all share one pass of the planner.
    """

    width: int = 768
    depth: int = 12
    heads: int = 12
    condition_dropout: float = Field(default=0.1, ge=0.0, lt=1.0)
    noise_repeats: int = 4


class DiffusionConfig(Schema):
    """Denoising diffusion: the expert predicts the noise (the paper's choice).

    Attributes:
        train_steps: length of the squared-cosine schedule.
        sampling_steps: DDIM steps (eta = 0).
        spacing: which of the training steps are visited: "leading" starts below the noisiest, "trailing" at it.
        guidance: classifier-free guidance scale; 1 is none.
        clip: bound on the predicted clean action, in normalized units; without one, "trailing" diverges.
    """

    kind: Literal["diffusion"] = "diffusion"
    train_steps: int = Field(default=100, gt=0)
    sampling_steps: int = Field(default=10, gt=0)
    spacing: Literal["leading", "trailing"] = "leading"
    guidance: float = 1.5
    clip: float | None = 1.0


class FlowMatchingConfig(Schema):
    """Flow matching: the expert predicts the velocity from noise to actions.

    Attributes:
        emphasis: training sees noise shares u ** (1 / emphasis), u uniform: 1 is uniform, above it noisy ones prevail.
        sampling_steps: Euler steps.
        guidance: classifier-free guidance scale; 1 is none.
    """

    kind: Literal["flow_matching"] = "flow_matching"
    emphasis: float = Field(default=1.5, gt=0)
    sampling_steps: int = Field(default=10, gt=0)
    guidance: float = 1.5


class ObservationSpec(Schema):
    """What the policy looks at; it is the same in training and in the control loop.

    Attributes:
        cameras: pictures for the second encoder.
        planner_cameras: pictures for the planner, in the order of the prompt.
        view_size: side of the second encoder's pictures, pixels.
        state: whether the action expert sees joint angles and finger widths.
        prompt: which spatial prompt follows the instruction (paper C.5).
    """

    cameras: tuple[str, ...] = ("front", "wrist")
    planner_cameras: tuple[str, ...] = ("front", "wrist")
    view_size: int = 224
    state: bool = False
    prompt: SpatialPrompt = "unified"


class ST4VLAConfig(Schema):
    """Everything about the model that is not in the configurations of its planner and its second encoder."""

    querying_transformer: QueryingTransformerConfig = QueryingTransformerConfig()
    action_expert: ActionExpertConfig = ActionExpertConfig()
    denoising: DiffusionConfig | FlowMatchingConfig = Field(default=DiffusionConfig(), discriminator="kind")
    observation: ObservationSpec = ObservationSpec()
    action: ActionSpec = ActionSpec()

    @model_validator(mode="after")
    def _learns_what_guidance_asks_for(self) -> Self:
        if self.denoising.guidance != 1 and self.action_expert.condition_dropout == 0:
            raise ValueError("denoising.guidance other than 1 needs action_expert.condition_dropout above 0")
        return self

    @property
    def state_size(self) -> int:
        """Length of the state vector: every entry of the action has one state, a gripper's is the finger width."""
        return len(self.action.names) if self.observation.state else 0
