"""The report page: read what the steps of a demo wrote, and show it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from assets_index.files import write_text_whole
from dataengine.pipeline.run import read_metadata
from dataengine.pipeline.statistics import RunStatistics, run_statistics
from dataengine.pipeline.verify import VerificationReport
from dataengine.storage.ledger import read_ledger
from dataengine.storage.shard_set import ShardSet
from dataengine.storage.yields import yield_table
from trainer.demo.step import REPORT, TIMES
from trainer.evaluate.closed_loop import PolicyReport
from trainer.evaluate.grounding import KindReport
from trainer.report.figures import bars, film_strips, learning_curves, loss_curves, sample_tiles, trial_strips
from trainer.report.tables import grounding_rows
from trainer.train.log import METRICS, read_metrics

TILES, STRIPS = 16, 4


def write_report(out: Path) -> Path:
    """Write `report.html` of a demo whose steps are all done; returns its path."""
    shards = ShardSet(out)
    runs = {"training": out, "held-out": out / "heldout"}
    statistics = {name: run_statistics(run) for name, run in runs.items()}
    stages = {"stage 1": out / "models" / "stage1", "stage 2": out / "models" / "stage2"}
    answers = {f"stage {i}": grounding_reports(out / f"grounding-stage{i}.json") for i in (1, 2)}
    page = template("page.html").render(
        title="From an empty machine to a trained, judged policy",
        subtitle=_subtitle(out),
        totals=_totals(statistics),
        tiles=sample_tiles(shards, TILES),
        kinds=bars(statistics["training"].questions_by_kind, "questions by kind, training run"),
        strips=film_strips(shards, STRIPS),
        causes=[row for name, run in runs.items() for row in _causes(name, run)],
        verification={name: _verification(run).summary() for name, run in runs.items()},
        training=training_summary(stages),
        curves=loss_curves(stages),
        learning=learning_curves(stages),
        stages=list(stages),
        grounding=list(grounding_rows(answers)),
        policy=PolicyReport.model_validate(read_json(out / "policy.json")),
        films=trial_strips(out / "films"),
        times=times(out),
        versions=", ".join(f"{name} {version}" for name, version in read_metadata(out)["versions"].items()),
    )
    path = out / REPORT
    write_text_whole(path, page)
    return path


def template(name: str) -> Any:
    """A page of this folder, whose pieces are in `parts.html`."""
    loader = PackageLoader("trainer.report", ".")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template(name)


def _subtitle(out: Path) -> str:
    metadata = read_metadata(out)
    return f"Drawn by {metadata['renderer']}; instructions from {metadata['language']['source']}."


def _totals(statistics: Mapping[str, RunStatistics]) -> dict[str, str]:
    totals = {}
    for name, run in statistics.items():
        totals[f"{name}: episodes accepted of attempts"] = f"{run.accepted} of {run.attempts}"
        totals[f"{name}: pictures"] = f"{run.frames:,}"
        totals[f"{name}: grounding samples"] = f"{run.grounding_samples:,}"
        totals[f"{name}: action samples"] = f"{run.action_samples:,}"
        totals[f"{name}: size"] = f"{run.bytes / 2**20:.0f} MiB"
    return totals


def _causes(name: str, run: Path) -> Iterator[tuple[str, str, int, str]]:
    rows = read_ledger(run)
    for entry in yield_table(rows, "cause"):
        yield name, entry.key.replace("_", " "), entry.attempts, f"{entry.attempts / len(rows):.0%}"


def _verification(run: Path) -> VerificationReport:
    return VerificationReport.model_validate(read_json(run / "verification.json"))


def training_summary(stages: Mapping[str, Path]) -> str:
    """Steps, seconds and waiting of each stage, in a sentence."""
    parts = []
    for name, folder in stages.items():
        rows = read_metrics(folder / METRICS)
        seconds = sum(row["seconds"] or 0.0 for row in rows)
        waiting = sum(row["data_seconds"] or 0.0 for row in rows)
        parts.append(f"{name}: {len(rows)} steps in {seconds:.0f} s, {waiting / seconds:.0%} of it waiting for data")
    return "; ".join(parts) + "."


def grounding_reports(path: Path) -> dict[str, KindReport]:
    """What `trainer evaluate grounding --json` wrote."""
    return {kind: KindReport.model_validate(report) for kind, report in read_json(path).items()}


def times(out: Path) -> dict[str, str]:
    """Seconds of each step, of all, and the largest process's memory, in words."""
    taken = read_json(out / TIMES)
    shown = {title: f"{seconds:.0f} s" for title, seconds in taken["seconds"].items()}
    total = sum(taken["seconds"].values())
    return {**shown, "all": f"{total / 60:.1f} min", "largest process": f"{taken['largest_process_gib']:.1f} GiB"}


def read_json(path: Path) -> Any:
    """The data of a file that a step wrote."""
    return json.loads(path.read_text(encoding="utf-8"))
