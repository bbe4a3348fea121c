"""A checkpoint that acts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from assets_index.seeding import Stage, generator
from trainer.data.images import Rgb
from trainer.data.processor import Processor
from trainer.model.st4vla import ST4VLA


class Policy:
    """From an observation to a chunk of actions. The same observations give the same actions after `reset`.

    Example:
        policy = Policy.from_pretrained("runs/demo/model")
        policy.reset(seed=0)
        chunk = policy.act("put the mug on the plate", {"front": front, "wrist": wrist}, state)
    """

    def __init__(self, model: ST4VLA, processor: Processor) -> None:
        self.model = model.eval()
        self.processor = processor
        self._device = next(model.parameters()).device
        self._rng = generator(0, Stage.EVALUATION)

    @classmethod
    def from_pretrained(cls, directory: Path | str, *, float32: bool = False) -> Policy:
        """Load a checkpoint that was trained on actions, onto the GPU if there is one.

        Args:
            directory: of the checkpoint.
            float32: whether all weights stay in float32 on a GPU, too; otherwise most are in bfloat16 there.
        """
        model = ST4VLA.from_pretrained(directory)
        processor = Processor.from_pretrained(directory, model.config.observation)
        if torch.cuda.is_available():
            model = model.to("cuda") if float32 else model.to("cuda").in_bfloat16()
        return cls(model, processor)

    def reset(self, seed: int) -> None:
        """Begin a trial: noise is drawn anew from `seed`."""
        self._rng = generator(seed, Stage.EVALUATION)

    def act(self, instruction: str, pictures: Mapping[str, Rgb], state: ArrayLike) -> NDArray[np.float32]:
        """Actions (T, A) as the checkpoint's ActionSpec says; a gripper's entry is the confidence in "open", 0..1.

        Args:
            instruction: the task in words.
            pictures: by camera name, (H, W, 3) uint8.
            state: (S,) joint angles, and the opening between each arm's fingers.
        """
        spec = self.model.config.action
        batch = self.processor.action_batch([self.processor.observe(instruction, pictures, state)]).to(self._device)
        noise = self._rng.standard_normal((1, spec.chunk, len(spec.names)), np.float32)
        sample = self.model.sample_actions(batch, torch.from_numpy(noise).to(self._device))
        return self.processor.restore_actions(sample[0].cpu().numpy())
