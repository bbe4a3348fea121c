"""Conversations as Qwen2.5-VL reads them, and what of them is supervised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from trainer.data.batches import PlannerInputs
from trainer.data.images import Rgb
from trainer.planners.interface import IGNORED_LABEL
from trainer.planners.qwen_images import QwenImages

END_OF_TURN = "<|im_end|>"
IMAGE_TOKEN = "<|image_pad|>"


@dataclass(frozen=True)
class QwenInputs(PlannerInputs):
    """Text with images, as Qwen2.5-VL takes it. L tokens, P image patches, N images in the batch.

    Attributes:
        mm_token_type_ids: (B, L) int64, 1 for image tokens.
        pixel_values: (P, C) float32, the patches of all images.
        image_grid_thw: (N, 3) int64, patches in time, height and width of each image.
        branches: (B, L) int64, or None where every row is one plain sequence. A row may hold several questions about
            the same pictures: tokens of branch 0 are shared, tokens of branch k >= 1 see those and their own branch
            only, at the positions they would have if the others were not there; padding is -1.
    """

    mm_token_type_ids: Tensor
    pixel_values: Tensor
    image_grid_thw: Tensor
    branches: Tensor | None = None


@dataclass(frozen=True)
class QwenTurn:
    """Pictures with one question about them, or several, and the answers where they are known.

    Attributes:
        input_ids: (L,) int64. labels: (L,) int64, -100 on all but the answers.
        branches: (L,) int64, 0 for what the questions share, then 1, 2, ... for each question with its answer.
        patches: (P, C) float32 of all pictures. grids: (N, 3) int64.
    """

    input_ids: NDArray[np.int64]
    labels: NDArray[np.int64]
    branches: NDArray[np.int64]
    patches: NDArray[np.float32]
    grids: NDArray[np.int64]


def opening_text(image_tokens: Sequence[int]) -> str:
    """The system turn and the pictures, which take so many tokens each."""
    pictures = "".join(f"<|vision_start|>{IMAGE_TOKEN * count}<|vision_end|>" for count in image_tokens)
    return f"<|im_start|>system\nYou are a helpful assistant.{END_OF_TURN}\n<|im_start|>user\n{pictures}"


def question_text(question: str) -> str:
    """The rest of the user's turn, up to where the answer begins."""
    return f"{question}{END_OF_TURN}\n<|im_start|>assistant\n"


def encode_turn(
    tokenizer: PreTrainedTokenizerBase,
    images: QwenImages,
    pictures: Sequence[Rgb],
    questions: Sequence[tuple[str, str | None]],
) -> QwenTurn:
    """Token ids and patches of questions about the same pictures, each with its answer or None.

    The answer and the end of its turn are supervised, nothing else is.
    """
    encoded = [images.patches(picture) for picture in pictures]
    opening = tokenizer.encode(opening_text([images.tokens(grid) for _, grid in encoded]))
    ids, labels, branches = list(opening), [IGNORED_LABEL] * len(opening), [0] * len(opening)
    for branch, (question, answer) in enumerate(questions, 1):
        prompt = tokenizer.encode(question_text(question))
        reply = [] if answer is None else tokenizer.encode(f"{answer}{END_OF_TURN}")
        ids += prompt + reply
        labels += [IGNORED_LABEL] * len(prompt) + reply
        branches += [branch] * (len(prompt) + len(reply))
    return QwenTurn(
        input_ids=np.array(ids, np.int64),
        labels=np.array(labels, np.int64),
        branches=np.array(branches, np.int64),
        patches=np.concatenate([patches for patches, _ in encoded]),
        grids=np.array([grid for _, grid in encoded], np.int64),
    )


def pad_turns(
    turns: Sequence[QwenTurn], tokenizer: PreTrainedTokenizerBase, side: Literal["left", "right"] = "right"
) -> tuple[QwenInputs, Tensor]:
    """One batch of turns and its labels (B, L). Pad on the left to generate, on the right to train."""
    length = max(len(turn.input_ids) for turn in turns)
    ids = np.full((len(turns), length), tokenizer.pad_token_id, np.int64)
    labels = np.full_like(ids, IGNORED_LABEL)
    branches = np.full_like(ids, -1)
    for row, turn in enumerate(turns):
        size = len(turn.input_ids)
        columns = slice(0, size) if side == "right" else slice(length - size, length)
        ids[row, columns], labels[row, columns], branches[row, columns] = turn.input_ids, turn.labels, turn.branches
    image_token = tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)
    inputs = QwenInputs(
        input_ids=torch.from_numpy(ids),
        attention_mask=torch.from_numpy((branches >= 0).astype(np.int64)),
        mm_token_type_ids=torch.from_numpy((ids == image_token).astype(np.int64)),
        pixel_values=torch.from_numpy(np.concatenate([turn.patches for turn in turns])),
        image_grid_thw=torch.from_numpy(np.concatenate([turn.grids for turn in turns])),
        branches=torch.from_numpy(branches) if branches.max() > 1 else None,
    )
    return inputs, torch.from_numpy(labels)
