"""A contact sheet of a run: pictures with their questions and answers drawn in."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from assets_index.seeding import Stage, generator
from dataengine.overlay import captioned, draw_sample, sheet
from dataengine.samples import GroundingSample, QuestionKind
from dataengine.storage.shard_set import ShardSet

# Drawn first: what one sees best in a picture.
KINDS: tuple[QuestionKind, ...] = ("box", "point", "trace", "affordance", "region", "relation", "count")


def write_preview(run: Path, out: Path, count: int = 12, columns: int = 4, scale: int = 2, seed: int = 0) -> Path:
    """Write a PNG with `count` samples of the run, the kinds in turn, each from another picture where possible.

    Raises:
        UnreadableData: if the run has no shards.
    """
    shards = ShardSet(run)
    tiles = [_tile(shards, i, scale) for i in choose_samples(shards, count, seed)]
    cv2.imwrite(str(out), cv2.cvtColor(sheet(tiles, columns), cv2.COLOR_RGB2BGR))
    return out


def choose_samples(shards: ShardSet, count: int, seed: int = 0) -> list[int]:
    """Indices of `count` grounding samples, the kinds in turn, drawn at random within a kind."""
    rng = generator(seed, Stage.QUESTION)
    drawn = {kind: list(rng.permutation(shards.grounding_indices(kinds=[kind]))) for kind in KINDS}
    chosen: list[int] = []
    while len(chosen) < count and any(drawn.values()):
        for kind in KINDS:
            if drawn[kind] and len(chosen) < count:
                chosen.append(int(drawn[kind].pop()))
    return chosen


def caption(sample: GroundingSample) -> str:
    """The question and, where it is not drawn, the answer."""
    return f"{sample.kind}: {sample.question}" + (f"  -> {sample.text}" if sample.text else "")


def _tile(shards: ShardSet, i: int, scale: int) -> NDArray[np.uint8]:
    sample = shards.grounding(i)
    rgb = shards.rgb(sample.frame.camera, shards.grounding_row(i))
    return captioned(draw_sample(rgb, sample, scale), caption(sample))
