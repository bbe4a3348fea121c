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

    A row may hold several turns, and a turn several questions about its pictures. Tokens see those before them that are
    in their turn, and of its questions only their own, at the positions they would have if the others were not there.

    Attributes:
        mm_token_type_ids: (B, L) int64, 1 for image tokens.
        position_ids: (3, B, L) int64, in time, height and width; 0 for padding.
        pixel_values: (P, C) float32, the patches of all images.
        image_grid_thw: (N, 3) int64, patches in time, height and width of each image.
        turns: (B, L) int64, which turn of its row a token belongs to; padding is -1. None where every row is one plain
            sequence with its padding behind, so that what lies before a token is what it sees.
        branches: (B, L) int64, 0 for what the questions of a turn share, then 1, 2, ... for each; None as `turns`.
    """

    mm_token_type_ids: Tensor
    position_ids: Tensor
    pixel_values: Tensor
    image_grid_thw: Tensor
    turns: Tensor | None = None
    branches: Tensor | None = None


@dataclass(frozen=True)
class QwenTurn:
    """Pictures with one question about them, or several, and the answers where they are known.

    Attributes:
        input_ids: (L,) int64. labels: (L,) int64, -100 on all but the answers.
        branches: (L,) int64, 0 for what the questions share, then 1, 2, ... for each question with its answer.
        positions: (3, L) int64, in time, height and width.
        patches: (P, C) float32 of all pictures. grids: (N, 3) int64.
    """

    input_ids: NDArray[np.int64]
    labels: NDArray[np.int64]
    branches: NDArray[np.int64]
    positions: NDArray[np.int64]
    patches: NDArray[np.float32]
    grids: NDArray[np.int64]


def opening_text(image_tokens: Sequence[int]) -> str:
    """The system turn and the pictures, which take so many tokens each."""
    pictures = "".join(f"<|vision_start|>{IMAGE_TOKEN * count}<|vision_end|>" for count in image_tokens)
    return f"<|im_start|>system\nYou are a helpful assistant.{END_OF_TURN}\n<|im_start|>user\n{pictures}"


def question_text(question: str) -> str:
    """The rest of the user's turn, up to where the answer begins."""
    return f"{question}{END_OF_TURN}\n<|im_start|>assistant\n"


def continued_chat(said: Sequence[tuple[str, str]], question: str) -> str:
    """The rest of the user's turn where turns of both went before it."""
    before = (f"{question_text(asked)}{answer}{END_OF_TURN}\n<|im_start|>user\n" for asked, answer in said)
    return "".join([*before, question])


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
    is_image = np.array(opening) == tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)
    ids, labels, branches = list(opening), [IGNORED_LABEL] * len(opening), [0] * len(opening)
    positions = [image_positions(is_image, [images.merged(grid) for _, grid in encoded])]
    for branch, (question, answer) in enumerate(questions, 1):
        prompt = tokenizer.encode(question_text(question))
        reply = [] if answer is None else tokenizer.encode(f"{answer}{END_OF_TURN}")
        ids += prompt + reply
        labels += [IGNORED_LABEL] * len(prompt) + reply
        branches += [branch] * (len(prompt) + len(reply))
        first = positions[0][0, -1] + 1
        positions.append(np.tile(np.arange(first, first + len(prompt) + len(reply)), (3, 1)))
    return QwenTurn(
        input_ids=np.array(ids, np.int64),
        labels=np.array(labels, np.int64),
        branches=np.array(branches, np.int64),
        positions=np.concatenate(positions, 1),
        patches=np.concatenate([patches for patches, _ in encoded]),
        grids=np.array([grid for _, grid in encoded], np.int64),
    )


def image_positions(is_image: NDArray[np.bool_], grids: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """Positions (3, L) of text with images in time, height and width (Qwen2-VL 2.1, multimodal rotary embedding).

    Args:
        is_image: (L,) which tokens are of an image; text stands between two images, and behind the last one.
        grids: rows and columns of tokens of each image.
    """
    positions = np.empty((3, len(is_image)), np.int64)
    done = position = 0
    starts = np.flatnonzero(is_image & ~np.roll(is_image, 1))
    for start, (rows, columns) in zip(starts.tolist(), grids, strict=True):
        end = start + rows * columns
        positions[:, done:start] = np.arange(position, position + start - done)
        position += start - done
        row, column = np.divmod(np.arange(rows * columns), columns)
        positions[:, start:end] = position + np.stack([np.zeros_like(row), row, column])
        position, done = position + max(rows, columns), end
    positions[:, done:] = np.arange(position, position + len(is_image) - done)
    return positions


def collate_turns(
    rows: Sequence[Sequence[QwenTurn]], tokenizer: PreTrainedTokenizerBase, side: Literal["left", "right"] = "right"
) -> tuple[QwenInputs, Tensor]:
    """One batch of rows of turns, and its labels (B, L). Pad on the left to generate, on the right to train."""
    length = max(sum(len(turn.input_ids) for turn in row) for row in rows)
    ids = np.full((len(rows), length), tokenizer.pad_token_id, np.int64)
    labels = np.full_like(ids, IGNORED_LABEL)
    turns, branches = np.full_like(ids, -1), np.full_like(ids, -1)
    positions = np.zeros((3, *ids.shape), np.int64)
    for number, row in enumerate(rows):
        start = 0 if side == "right" else length - sum(len(turn.input_ids) for turn in row)
        for place, turn in enumerate(row):
            part = (number, slice(start, start + len(turn.input_ids)))
            ids[part], labels[part], turns[part], branches[part] = turn.input_ids, turn.labels, place, turn.branches
            positions[:, *part] = turn.positions
            start += len(turn.input_ids)
    plain = turns.max() == 0 and branches.max() <= 1 and (side == "right" or turns.min() == 0)
    inputs = QwenInputs(
        input_ids=torch.from_numpy(ids),
        attention_mask=torch.from_numpy((turns >= 0).astype(np.int64)),
        mm_token_type_ids=torch.from_numpy((ids == tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)).astype(np.int64)),
        position_ids=torch.from_numpy(positions),
        pixel_values=torch.from_numpy(np.concatenate([turn.patches for row in rows for turn in row])),
        image_grid_thw=torch.from_numpy(np.concatenate([turn.grids for row in rows for turn in row])),
        turns=None if plain else torch.from_numpy(turns),
        branches=None if plain else torch.from_numpy(branches),
    )
    return inputs, torch.from_numpy(labels)
