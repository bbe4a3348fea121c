"""Qwen2.5-VL of any size as the planner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from dataengine.questions.resizing import Resizing
from trainer.data.batches import GroundingBatch
from trainer.data.images import Rgb
from trainer.planners.interface import IGNORED_LABEL, Planner, PlannerProcessor
from trainer.planners.qwen_chat import END_OF_TURN, IMAGE_TOKEN, QwenInputs, QwenTurn, encode_turn, pad_turns
from trainer.planners.qwen_images import QwenImages


@dataclass(frozen=True)
class QwenProcessor(PlannerProcessor[QwenTurn]):
    """Qwen2.5-VL's chat form and patches; coordinates are pixels of the picture as it is shown."""

    tokenizer: PreTrainedTokenizerBase
    images: QwenImages

    @property
    def stop(self) -> int:
        """The token that ends a turn."""
        return self.tokenizer.convert_tokens_to_ids(END_OF_TURN)

    @property
    def image_token(self) -> int:
        """The token that stands for four merged patches."""
        return self.tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)

    def encode(self, pictures: Sequence[Rgb], questions: Sequence[tuple[str, str | None]]) -> QwenTurn:
        """One sequence: the pictures, then each question with its answer as a branch of its own."""
        return encode_turn(self.tokenizer, self.images, pictures, questions)

    def collate(self, turns: Sequence[QwenTurn]) -> tuple[QwenInputs, Tensor]:
        """Padded on the right; labels (B, L)."""
        return pad_turns(turns, self.tokenizer)

    def prompts(self, turns: Sequence[QwenTurn]) -> QwenInputs:
        """Padded on the left."""
        return pad_turns(turns, self.tokenizer, "left")[0]

    def decode(self, tokens: Tensor) -> list[str]:
        """Text without special tokens."""
        return self.tokenizer.batch_decode(tokens, skip_special_tokens=True)

    def resizing(self, height: int, width: int) -> Resizing:
        """Qwen's `smart_resize` within the pixel budget."""
        return Resizing.within(height, width, self.images.budget)

    def save_pretrained(self, directory: Path) -> None:
        """Write tokenizer and `preprocessor_config.json`."""
        self.tokenizer.save_pretrained(directory)
        self.images.save_pretrained(directory)

    @classmethod
    def from_pretrained(cls, source: str | Path) -> Self:
        """Read tokenizer and `preprocessor_config.json`."""
        return cls(AutoTokenizer.from_pretrained(source), QwenImages.from_pretrained(source))


class QwenPlanner(Planner[QwenInputs]):
    """Decoder-only: hidden states are those of the language model over images and text."""

    @staticmethod
    def network_class() -> Any:
        """`Qwen2_5_VLForConditionalGeneration`."""
        from transformers import Qwen2_5_VLForConditionalGeneration

        return Qwen2_5_VLForConditionalGeneration

    def hidden_states(self, inputs: QwenInputs, layers: Sequence[int] = (-1,)) -> list[Tensor]:
        """Hidden states (B, L, width); -1 is the last one after the final norm."""
        last_only = set(layers) == {-1}
        output = self.network.model(
            **{**_arguments(inputs), **self._branching(inputs)}, use_cache=False, output_hidden_states=not last_only
        )
        return [output.last_hidden_state if layer == -1 else output.hidden_states[layer] for layer in layers]

    def answer_loss(self, batch: GroundingBatch[QwenInputs]) -> Tensor:
        """Mean cross-entropy over the supervised tokens; logits are computed for these alone."""
        (states,) = self.hidden_states(batch.inputs)
        targets = batch.labels[:, 1:]
        supervised = targets != IGNORED_LABEL
        logits = self.network.lm_head(states[:, :-1][supervised])
        return functional.cross_entropy(logits.float(), targets[supervised])

    @torch.no_grad()
    def generate(self, inputs: QwenInputs, *, stop: int, max_tokens: int) -> Tensor:
        """Greedy continuation of left-padded prompts."""
        prompt = inputs.input_ids.shape[1]
        tokens = self.network.generate(
            **_arguments(inputs), max_new_tokens=max_tokens, do_sample=False, eos_token_id=stop, pad_token_id=stop
        )
        return tokens[:, prompt:]

    def only_answering(self, layers: Sequence[int]) -> list[nn.Module]:
        """The language head unless it is the embedding, and what lies above the highest of the layers."""
        text = self.network.model.language_model
        parts = [] if self.network.config.tie_word_embeddings else [self.network.lm_head]
        count = len(text.layers)
        highest = max(layer % (count + 1) for layer in layers)
        return parts if highest == count else [*parts, text.norm, *text.layers[highest:]]

    @property
    def last_query_projection(self) -> nn.Parameter:
        """Of the language model's last layer."""
        return self.network.model.language_model.layers[-1].self_attn.q_proj.weight

    def _branching(self, inputs: QwenInputs) -> dict[str, Tensor]:
        """Attention mask (B, 1, L, L) and positions (3, B, L) under which a row's branches do not notice each other."""
        if inputs.branches is None:
            return {}
        arguments = _arguments(inputs)
        arguments.pop("pixel_values")
        positions, _ = self.network.model.get_rope_index(**arguments)
        visible = visible_tokens(inputs.branches)
        tokens = torch.arange(visible.shape[-1], device=visible.device)
        hidden_before = tokens + 1 - visible.sum(-1)
        return {"attention_mask": visible[:, None], "position_ids": positions - hidden_before}


def _arguments(inputs: QwenInputs) -> dict[str, Tensor]:
    return {name: value for name, value in vars(inputs).items() if name != "branches"}


def visible_tokens(branches: Tensor) -> Tensor:
    """Which tokens (last axis) each token sees, (B, L, L) bool, from branches (B, L)."""
    same = branches[:, :, None] == branches[:, None, :]
    shared = (branches == 0)[:, None, :]
    causal = torch.ones(same.shape[1:], dtype=torch.bool, device=branches.device).tril()
    return causal & (same | shared)
