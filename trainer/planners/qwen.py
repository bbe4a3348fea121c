"""Qwen2.5-VL of any size as the planner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from dataengine.questions.resizing import Resizing
from trainer.data.batches import GroundingBatch
from trainer.data.images import Rgb
from trainer.planners.interface import IGNORED_LABEL, Planner, PlannerProcessor
from trainer.planners.packing import fill_rows
from trainer.planners.qwen_chat import (
    END_OF_TURN,
    IMAGE_TOKEN,
    QwenInputs,
    QwenTurn,
    collate_turns,
    continued_chat,
    encode_turn,
)
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

    def continued(self, said: Sequence[tuple[str, str]], question: str) -> str:
        """Earlier turns as they stand in a chat."""
        return continued_chat(said, question)

    def collate(self, turns: Sequence[QwenTurn]) -> tuple[QwenInputs, Tensor]:
        """Padded on the right; labels (B, L)."""
        return collate_turns([[turn] for turn in turns], self.tokenizer)

    def pack(self, turns: Sequence[QwenTurn], row_tokens: int) -> tuple[QwenInputs, Tensor]:
        """Turns in the rows that leave least padding."""
        rows = fill_rows([len(turn.input_ids) for turn in turns], row_tokens)
        return collate_turns([[turns[i] for i in row] for row in rows], self.tokenizer)

    def prompts(self, turns: Sequence[QwenTurn]) -> QwenInputs:
        """Padded on the left."""
        return collate_turns([[turn] for turn in turns], self.tokenizer, "left")[0]

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

    def __init__(self, network: PreTrainedModel) -> None:
        # Here, since workers that only read data take twice as long with transformers' models.
        from trainer.planners.qwen_vision import attend_by_segments, patch_layout

        super().__init__(network)
        self._patch_layout = patch_layout
        attend_by_segments(network.model.visual)

    @staticmethod
    def network_class() -> Any:
        """`Qwen2_5_VLForConditionalGeneration`."""
        from transformers import Qwen2_5_VLForConditionalGeneration

        return Qwen2_5_VLForConditionalGeneration

    def hidden_states(self, inputs: QwenInputs, layers: Sequence[int] = (-1,)) -> list[Tensor]:
        """Hidden states (B, L, width); -1 is the last one after the final norm."""
        output = self.network.model.language_model(
            inputs_embeds=self._embedded(inputs),
            position_ids=inputs.position_ids,
            attention_mask=visible_tokens(inputs),
            use_cache=False,
            output_hidden_states=set(layers) != {-1},
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
        tokens = self.network.generate(
            input_ids=inputs.input_ids,
            attention_mask=inputs.attention_mask,
            mm_token_type_ids=inputs.mm_token_type_ids,
            pixel_values=inputs.pixel_values,
            image_grid_thw=inputs.image_grid_thw,
            max_new_tokens=max_tokens,
            do_sample=False,
            eos_token_id=stop,
            pad_token_id=stop,
        )
        return tokens[:, inputs.input_ids.shape[1] :]

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

    def _embedded(self, inputs: QwenInputs) -> Tensor:
        """Words, with what the vision tower sees in the places of the images, (B, L, width)."""
        model, grids = self.network.model, inputs.image_grid_thw
        layout = self._patch_layout(grids.tolist(), model.visual.config, inputs.pixel_values.device)
        seen = model.visual(inputs.pixel_values.to(model.visual.dtype), grid_thw=grids, **layout).pooler_output
        words = model.get_input_embeddings()(inputs.input_ids)
        return words.masked_scatter((inputs.mm_token_type_ids == 1)[..., None], seen.to(words.dtype))


def visible_tokens(inputs: QwenInputs) -> Tensor | None:
    """Which tokens (last axis) each token sees, (B, 1, L, L) bool; None where these are all before it."""
    turns, branches = inputs.turns, inputs.branches
    if turns is None or branches is None:
        return None
    same_turn = turns[:, :, None] == turns[:, None, :]
    same_branch = branches[:, :, None] == branches[:, None, :]
    shared = (branches == 0)[:, None, :]
    return (same_turn & (same_branch | shared)).tril()[:, None]
