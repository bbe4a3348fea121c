"""Pictures of a report as PNG data URLs."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dataengine.overlay import captioned, draw_sample
from dataengine.pipeline.preview import caption, choose_samples
from dataengine.storage.shard_set import ShardSet
from trainer.data.sources.pictures import read_picture
from trainer.report.training_curves import training_curves
from trainer.train.log import METRICS, PROBES, read_metrics

SMOOTHING = 20
"""Steps over which the bold loss curves are averaged."""


def picture_url(rgb: NDArray[np.uint8]) -> str:
    """A picture (H, W, 3) uint8 as a JPEG data URL."""
    data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()


def sample_tiles(shards: ShardSet, count: int) -> list[str]:
    """Pictures with a question and its answer drawn in, the kinds in turn."""
    tiles = []
    for i in choose_samples(shards, count):
        sample = shards.grounding(i)
        rgb = shards.rgb(sample.frame.camera, shards.grounding_row(i))
        tiles.append(picture_url(captioned(draw_sample(rgb, sample), caption(sample))))
    return tiles


def film_strips(shards: ShardSet, episodes: int, pictures: int = 8) -> list[tuple[str, str]]:
    """For the first clips: the instruction, and moments at even distances seen by all cameras."""
    starts = [row for row in range(shards.frame_rows) if shards.key(shards.cameras[0], row).step == 0][:episodes]
    strips = []
    for start in starts:
        clip = shards.clip(start)
        length = next(
            (n for n in range(1, shards.frame_rows - start) if shards.key(shards.cameras[0], start + n).step == 0),
            shards.frame_rows - start,
        )
        rows = np.linspace(start, start + length - 1, pictures).astype(int)
        bands = [np.concatenate([shards.rgb(camera, int(row)) for row in rows], 1) for camera in shards.cameras]
        strips.append((clip.instructions[0], picture_url(np.concatenate(bands))))
    return strips


def trial_strips(folder: Path, limit: int | None = None) -> list[tuple[str, str]]:
    """The strips that `trainer evaluate policy --films` wrote: run, episode, look and outcome, and the picture."""
    paths = sorted(folder.glob("*.png"))[:limit]
    return [(path.stem.replace("-", " "), picture_url(read_picture(path))) for path in paths]


def loss_curves(runs: Mapping[str, Path]) -> str:
    """Both losses of every stage over its steps."""
    figure = Figure(figsize=(5.5 * len(runs), 3.2), layout="constrained")
    for number, (title, folder) in enumerate(runs.items(), 1):
        axes = figure.add_subplot(1, len(runs), number)
        rows = read_metrics(folder / METRICS)
        for name, color in (("grounding", "tab:blue"), ("action", "tab:orange")):
            points = [(row["step"], row[name]) for row in rows if row[name] is not None]
            if points:
                steps, values = np.array(points, float).T
                axes.plot(steps, values, color=color, alpha=0.25, linewidth=0.8)
                axes.plot(*_smooth(steps, values), color=color, label=name)
        axes.set(title=title, xlabel="step", ylabel="loss", yscale="log")
        axes.legend()
    return _figure_url(figure)


def learning_curves(runs: Mapping[str, Path]) -> str | None:
    """Figure 3 of the paper for the runs that measured anything on the way; None if none did."""
    measured = {title: folder for title, folder in runs.items() if read_metrics(folder / PROBES)}
    return _figure_url(training_curves(measured)) if measured else None


def bars(values: Mapping[str, int], title: str) -> str:
    """Horizontal bars, the first on top."""
    figure = Figure(figsize=(6, 0.6 + 0.32 * len(values)), layout="constrained")
    axes = figure.add_subplot()
    drawn = axes.barh(list(values), list(values.values()), color="tab:green")
    axes.bar_label(drawn, padding=3)
    axes.invert_yaxis()
    axes.set_title(title)
    axes.margins(x=0.12)
    return _figure_url(figure)


def _smooth(steps: Sequence[float], values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    width = min(SMOOTHING, len(values))
    kernel = np.ones(width) / width
    return np.convolve(steps, kernel, "valid"), np.convolve(values, kernel, "valid")


def _figure_url(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
