"""The planner: Qwen2.5-VL from transformers. It conditions the action expert, and answers questions."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional
from transformers import Qwen2_5_VLForConditionalGeneration

from trainer.data.batches import GroundingBatch, PlannerInputs

_IGNORED = -100


def hidden_states(
    planner: Qwen2_5_VLForConditionalGeneration, inputs: PlannerInputs, layers: Sequence[int] = (-1,)
) -> list[Tensor]:
    """Hidden states (B, L, D) of the chosen layers; -1 is the last one after the final norm."""
    last_only = set(layers) == {-1}
    output = planner.model(
        **{**_arguments(inputs), **_branching(planner, inputs)}, use_cache=False, output_hidden_states=not last_only
    )
    return [output.last_hidden_state if layer == -1 else output.hidden_states[layer] for layer in layers]


def _arguments(inputs: PlannerInputs) -> dict[str, Tensor]:
    return {name: value for name, value in vars(inputs).items() if name != "branches"}


def _branching(planner: Qwen2_5_VLForConditionalGeneration, inputs: PlannerInputs) -> dict[str, Tensor]:
    """Attention mask (B, 1, L, L) and positions (3, B, L) under which branches of a row do not notice each other."""
    if inputs.branches is None:
        return {}
    arguments = _arguments(inputs)
    arguments.pop("pixel_values")
    positions, _ = planner.model.get_rope_index(**arguments)
    visible = visible_tokens(inputs.branches)
    tokens = torch.arange(visible.shape[-1], device=visible.device)
    hidden_before = tokens + 1 - visible.sum(-1)
    return {"attention_mask": visible[:, None], "position_ids": positions - hidden_before}


def visible_tokens(branches: Tensor) -> Tensor:
    """Which tokens (last axis) each token sees, (B, L, L) bool, from branches (B, L)."""
    same = branches[:, :, None] == branches[:, None, :]
    shared = (branches == 0)[:, None, :]
    causal = torch.ones(same.shape[1:], dtype=torch.bool, device=branches.device).tril()
    return causal & (same | shared)


def answer_loss(planner: Qwen2_5_VLForConditionalGeneration, batch: GroundingBatch) -> Tensor:
    """Mean cross-entropy over the supervised tokens; logits are computed for these alone."""
    (states,) = hidden_states(planner, batch.inputs)
    targets = batch.labels[:, 1:]
    supervised = targets != _IGNORED
    logits = planner.lm_head(states[:, :-1][supervised])
    return functional.cross_entropy(logits.float(), targets[supervised])


@torch.no_grad()
def generate(
    planner: Qwen2_5_VLForConditionalGeneration, inputs: PlannerInputs, *, stop: int, max_tokens: int
) -> Tensor:
    """Greedy continuation of left-padded prompts, (B, <= max_tokens), filled up with the stop token."""
    prompt = inputs.input_ids.shape[1]
    tokens = planner.generate(
        **_arguments(inputs), max_new_tokens=max_tokens, do_sample=False, eos_token_id=stop, pad_token_id=stop
    )
    return tokens[:, prompt:]
