"""A contact sheet of a run: pictures with questions and answers drawn in, or with all that is known of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from assets_index.errors import EngineError
from assets_index.files import replacing
from assets_index.seeding import Stage, generator
from dataengine.overlay import captioned, draw_labels, draw_sample, sheet
from dataengine.samples import GroundingSample, QuestionKind
from dataengine.storage.shard_set import ShardSet

# Drawn first: what one sees best in a picture.
KINDS: tuple[QuestionKind, ...] = ("box", "point", "trace", "affordance", "region", "relation", "count")


class NothingToShow(EngineError):
    """A run has shards, but none of what was to be drawn in."""


def write_preview(
    run: Path, out: Path, count: int = 12, columns: int = 4, scale: int = 2, seed: int = 0, labels: bool = False
) -> Path:
    """Write a PNG with `count` pictures of the run.

    With one question each, the kinds in turn, each about another picture where possible; or, with `labels`, with all
    annotations, the cameras in turn.

    Raises:
        UnreadableData: if the run has no shards.
        NothingToShow: if no question was asked, or no picture annotated.
        FileNotWritten: if the file cannot be written.
    """
    shards = ShardSet(run)
    tiles = list(islice(_labelled(shards, scale, seed), count) if labels else _asked(shards, count, scale, seed))
    if not tiles:
        raise NothingToShow(
            f"{run}: no picture is annotated; raise render.annotated_steps"
            if labels
            else f"{run}: nothing was asked about its pictures; `dataengine preview --labels` shows what is in them"
        )
    _, encoded = cv2.imencode(".png", cv2.cvtColor(sheet(tiles, columns), cv2.COLOR_RGB2BGR))
    with replacing(out) as scratch:
        scratch.write_bytes(encoded.tobytes())
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


def _asked(shards: ShardSet, count: int, scale: int, seed: int) -> Iterator[NDArray[np.uint8]]:
    for i in choose_samples(shards, count, seed):
        sample = shards.grounding(i)
        rgb = shards.rgb(sample.frame.camera, shards.grounding_row(i))
        yield captioned(draw_sample(rgb, sample, scale), caption(sample))


def _labelled(shards: ShardSet, scale: int, seed: int) -> Iterator[NDArray[np.uint8]]:
    """Annotated pictures in random order, the cameras in turn."""
    rows = (int(row) for row in generator(seed, Stage.QUESTION).permutation(shards.frame_rows))
    annotated = (row for row in rows if shards.bodies(shards.cameras[0], row))
    for row, camera in zip(annotated, cycle(shards.cameras), strict=False):
        key, clip = shards.key(camera, row), shards.clip(row)
        names = {number: name for name, number in reversed(clip.bodies.items())}
        picture = draw_labels(
            shards.rgb(camera, row),
            shards.bodies(camera, row),
            names,
            shards.guide(camera, row),
            shards.free_space(camera, row),
            scale,
        )
        yield captioned(picture, f"{camera}, episode {key.episode}, step {key.step}, look {key.look}", lines=1)
