"""From raw observations and samples to what the model takes: everything a checkpoint must remember beside weights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from assets_index.schema import validate
from trainer.data.batches import ActionBatch, GroundingBatch, PlannerInputs
from trainer.data.chat import Turn, encode_turn, pad_turns
from trainer.data.images import PlannerImages, Rgb, encoder_view
from trainer.data.normalization import ActionStatistics
from trainer.data.prompts import spatially_prompted
from trainer.errors import UnusableCheckpoint
from trainer.model.config import ObservationSpec

_STATISTICS = "action_statistics.json"


@dataclass(frozen=True)
class ActionItem:
    """One observation, encoded, with the actions that follow it where they are known.

    Attributes:
        views: (V, 3, H, W). state: (S,) normalized. actions: (T, A) normalized. valid: (T,).
    """

    turn: Turn
    views: NDArray[np.float32]
    state: NDArray[np.float32] | None = None
    actions: NDArray[np.float32] | None = None
    valid: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Processor:
    """Tokenizer, picture settings, observation and action statistics of one checkpoint.

    Attributes:
        view_size: side of the second encoder's pictures, pixels.
        statistics: None until the checkpoint has been trained on actions.
    """

    tokenizer: PreTrainedTokenizerBase
    images: PlannerImages
    observation: ObservationSpec
    view_size: int
    statistics: ActionStatistics | None = None

    def grounding_turn(self, picture: Rgb, questions: Sequence[tuple[str, str | None]]) -> Turn:
        """Questions about one picture (H, W, 3), each with its answer or None; they do not see each other."""
        return encode_turn(self.tokenizer, self.images, [picture], questions)

    def grounding_batch(self, turns: Sequence[Turn]) -> GroundingBatch:
        """A batch for training."""
        inputs, labels = pad_turns(turns, self.tokenizer)
        return GroundingBatch(inputs, labels)

    def prompts(self, turns: Sequence[Turn]) -> PlannerInputs:
        """A batch for generating: turns without answers, padded on the left."""
        return pad_turns(turns, self.tokenizer, "left")[0]

    def observe(self, instruction: str, pictures: Mapping[str, Rgb], state: ArrayLike) -> ActionItem:
        """What the policy sees at one moment.

        Args:
            instruction: the task in words, without the spatial prompt.
            pictures: by camera name, each (H, W, 3).
            state: (S,) joint angles and finger width, in radians and metres.
        """
        spec = self.observation
        prompt = spatially_prompted(instruction, spec.prompt)
        turn = encode_turn(
            self.tokenizer, self.images, [pictures[name] for name in spec.planner_cameras], [(prompt, None)]
        )
        views = np.stack([encoder_view(pictures[name], self.view_size) for name in spec.cameras])
        return ActionItem(turn, views, self._fitted.state.normalize(state) if spec.state else None)

    def target(self, item: ActionItem, actions: ArrayLike, valid: NDArray[np.bool_]) -> ActionItem:
        """The observation with the actions (T, A) that followed it, in radians and gripper commands."""
        return ActionItem(item.turn, item.views, item.state, self._fitted.action.normalize(actions), valid)

    def action_batch(self, items: Sequence[ActionItem]) -> ActionBatch:
        """A batch for training, or for acting if the items have no actions."""
        inputs, _ = pad_turns([item.turn for item in items], self.tokenizer)
        return ActionBatch(
            inputs=inputs,
            views=torch.from_numpy(np.stack([item.views for item in items])),
            state=_stacked([item.state for item in items]),
            actions=_stacked([item.actions for item in items]),
            valid=_stacked([item.valid for item in items]),
        )

    def restore_actions(self, normalized: ArrayLike) -> NDArray[np.float32]:
        """Actions (..., A) in radians, the gripper in 0..1, from the model's output."""
        return self._fitted.action.restore(normalized)

    @property
    def _fitted(self) -> ActionStatistics:
        if self.statistics is None:
            raise UnusableCheckpoint("the checkpoint has no action statistics: it was not trained on actions yet")
        return self.statistics

    def save_pretrained(self, directory: Path) -> None:
        """Write beside the weights; the tokenizer and picture settings go to the planner's own directory."""
        self.tokenizer.save_pretrained(directory / "planner")
        self.images.save_pretrained(directory / "planner")
        if self.statistics is not None:
            text = self.statistics.model_dump_json(indent=2) + "\n"
            (directory / _STATISTICS).write_text(text, encoding="utf-8")

    @classmethod
    def from_pretrained(cls, directory: Path | str, observation: ObservationSpec) -> Processor:
        """Read what `save_pretrained` wrote; `observation` is in the model's configuration."""
        directory = Path(directory)
        encoder = json.loads((directory / "encoder" / "config.json").read_text(encoding="utf-8"))
        path = directory / _STATISTICS
        return cls(
            tokenizer=AutoTokenizer.from_pretrained(directory / "planner"),
            images=PlannerImages.from_pretrained(directory / "planner"),
            observation=observation,
            view_size=encoder["image_size"],
            statistics=_read_statistics(path) if path.exists() else None,
        )


def _read_statistics(path: Path) -> ActionStatistics:
    return validate(json.loads(path.read_text(encoding="utf-8")), ActionStatistics, str(path))


def _stacked(arrays: Sequence[NDArray | None]) -> torch.Tensor | None:
    present = [array for array in arrays if array is not None]
    return torch.from_numpy(np.stack(present)) if present else None
