"""From raw observations and samples to what the model takes: everything a checkpoint must remember beside weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from assets_index.schema import validate
from trainer.data.batches import ActionBatch, GroundingBatch, PlannerInputs
from trainer.data.images import Rgb, encoder_view
from trainer.data.normalization import ActionStatistics
from trainer.data.prompts import spatially_prompted
from trainer.errors import UnusableCheckpoint
from trainer.json_files import read_json
from trainer.model.config import ObservationSpec
from trainer.planners.families import family_of
from trainer.planners.interface import PlannerProcessor

_STATISTICS, _VOCABULARY = "action_statistics.json", "vocabulary.json"


@dataclass(frozen=True)
class ActionItem:
    """One observation, encoded, with the actions that follow it where they are known.

    Attributes:
        turn: as the planner's processor encodes it.
        views: (V, 3, H, W). state: (S,) normalized. actions: (T, A) normalized. valid: (T,).
    """

    turn: Any
    views: NDArray[np.float32]
    state: NDArray[np.float32] | None = None
    actions: NDArray[np.float32] | None = None
    valid: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Processor:
    """The planner's processor, observation and action statistics of one checkpoint.

    Attributes:
        planner: tokenizer and picture settings.
        statistics: None until the checkpoint has been trained on actions.
    """

    planner: PlannerProcessor[Any]
    observation: ObservationSpec
    statistics: ActionStatistics | None = None

    def grounding_turn(self, picture: Rgb, questions: Sequence[tuple[str, str | None]]) -> Any:
        """Questions about one picture (H, W, 3), each with its answer or None; they do not see each other."""
        return self.planner.encode([picture], questions)

    def grounding_batch(self, turns: Sequence[Any], row_tokens: int | None = None) -> GroundingBatch:
        """A batch for training; with `row_tokens` turns share rows of up to so many, without seeing each other."""
        planner = self.planner
        inputs, labels = planner.collate(turns) if row_tokens is None else planner.pack(turns, row_tokens)
        return GroundingBatch(inputs, labels)

    def prompts(self, turns: Sequence[Any]) -> PlannerInputs:
        """A batch for generating: turns of one question without its answer."""
        return self.planner.prompts(turns)

    def observe(self, instruction: str, pictures: Mapping[str, Rgb], state: ArrayLike) -> ActionItem:
        """What the policy sees at one moment.

        Args:
            instruction: the task in words, without the spatial prompt.
            pictures: by camera name, each (H, W, 3).
            state: (S,) joint angles and finger width, in radians and metres.
        """
        spec = self.observation
        prompt = spatially_prompted(instruction, spec.prompt)
        turn = self.planner.encode([pictures[name] for name in spec.planner_cameras], [(prompt, None)])
        views = np.stack([encoder_view(pictures[name], spec.view_size) for name in spec.cameras])
        return ActionItem(turn, views, self.fitted.state.normalize(state) if spec.state else None)

    def target(self, item: ActionItem, actions: ArrayLike, valid: NDArray[np.bool_]) -> ActionItem:
        """The observation with the actions (T, A) that followed it, in radians and gripper commands."""
        return ActionItem(item.turn, item.views, item.state, self.fitted.action.normalize(actions), valid)

    def action_batch(self, items: Sequence[ActionItem]) -> ActionBatch:
        """A batch for training, or for acting if the items have no actions."""
        inputs, _ = self.planner.collate([item.turn for item in items])
        return ActionBatch(
            inputs=inputs,
            views=torch.from_numpy(np.stack([item.views for item in items])),
            state=_stacked([item.state for item in items]),
            actions=_stacked([item.actions for item in items]),
            valid=_stacked([item.valid for item in items]),
        )

    def restore_actions(self, normalized: ArrayLike) -> NDArray[np.float32]:
        """Actions (..., A) in radians, grippers in 0..1, from the model's output."""
        return self.fitted.action.restore(normalized)

    @property
    def fitted(self) -> ActionStatistics:
        """The statistics; raises UnusableCheckpoint if there are none yet."""
        if self.statistics is None:
            raise UnusableCheckpoint("the checkpoint has no action statistics: it was not trained on actions yet")
        return self.statistics

    def save_pretrained(self, directory: Path) -> None:
        """Write beside the weights; the tokenizer and picture settings go to the planner's own directory."""
        self.planner.save_pretrained(directory / "planner")
        vocabulary = {"tokens": len(self.planner.tokenizer), "sha256": _vocabulary_hash(self.planner)}
        (directory / _VOCABULARY).write_text(json.dumps(vocabulary) + "\n", encoding="utf-8")
        if self.statistics is not None:
            text = self.statistics.model_dump_json(indent=2) + "\n"
            (directory / _STATISTICS).write_text(text, encoding="utf-8")

    @classmethod
    def from_pretrained(cls, directory: Path | str, observation: ObservationSpec) -> Processor:
        """Read what `save_pretrained` wrote; `observation` is in the model's configuration.

        Raises:
            UnusableCheckpoint: if the tokenizer is not the one that the model was trained with.
        """
        directory = Path(directory)
        model_type = read_json(directory / "planner" / "config.json", "model_type")["model_type"]
        planner = family_of(model_type, directory).processor.from_pretrained(directory / "planner")
        if read_json(directory / _VOCABULARY, "sha256")["sha256"] != _vocabulary_hash(planner):
            raise UnusableCheckpoint(f"{directory / 'planner'}: another tokenizer than the model was trained with")
        path = directory / _STATISTICS
        return cls(
            planner=planner,
            observation=observation,
            statistics=validate(read_json(path), ActionStatistics, str(path)) if path.exists() else None,
        )


def _vocabulary_hash(planner: PlannerProcessor[Any]) -> str:
    """Stands for what each token id means."""
    vocabulary = sorted(planner.tokenizer.get_vocab().items())
    return hashlib.sha256(json.dumps(vocabulary).encode()).hexdigest()


def _stacked(arrays: Sequence[NDArray | None]) -> torch.Tensor | None:
    present = [array for array in arrays if array is not None]
    return torch.from_numpy(np.stack(present)) if present else None
