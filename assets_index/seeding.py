"""Random generators that make every piece of a run regenerate alone.

A generator depends on the run's seed, the stage and the index of the piece, and on nothing else: not on the worker,
not on what was drawn before.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stage(IntEnum):
    """What the randomness is for. Values are part of the on-disk contract: append, never renumber."""

    ASSET = 0
    TASK = 1
    LAYOUT = 2
    GRASP = 3
    MOTION = 4
    LOOK = 5
    QUESTION = 6
    LANGUAGE = 7
    TRAINING = 8
    EVALUATION = 9
    DISTURBANCE = 10


def generator(seed: int, stage: Stage, *index: int) -> np.random.Generator:
    """The generator of one piece: `SeedSequence([seed, stage, *index])`."""
    return np.random.default_rng(np.random.SeedSequence([seed, int(stage), *index]))
