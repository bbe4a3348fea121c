"""Instructions of a run's episodes: templates, and a language model's rewrites where there is an endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from assets_index.files import write_text_whole
from assets_index.index import AssetIndex
from assets_index.seeding import Stage, generator
from dataengine.language.report import LanguageReport, summarize
from dataengine.language.rewrite import Rewriter
from dataengine.language.templates import template_instructions
from dataengine.pipeline.run import note, run_config
from dataengine.replay import scene_at
from dataengine.storage.errors import UnreadableData
from dataengine.storage.records import run_records

INSTRUCTIONS = "instructions.json"

Instructions = dict[int, tuple[str, ...]]
"""Wordings by episode, the template first."""


def write_instructions(run: Path, index: AssetIndex, on_episode: Callable[[], None] | None = None) -> LanguageReport:
    """Put every episode of a run into words and write `instructions.json`.

    A model's answers are cached, so that doing it again asks for nothing twice. What became of the rewrites goes
    into the run's metadata.
    """
    config = run_config(run)
    rewriter = Rewriter.from_environment(config.language)
    results, wordings = [], {}
    for record in run_records(run):
        scene = scene_at(record, index)
        task, episode = record.meta.task, record.meta.attempt
        rng = generator(config.seed, Stage.LANGUAGE, episode)
        result = rewriter.rewrite(task, scene)
        templates = template_instructions(task, scene, rng, config.language.templates)
        wordings[episode] = tuple(dict.fromkeys((*templates, *result.kept)))
        results.append(result)
        if on_episode is not None:
            on_episode()
    write_text_whole(run / INSTRUCTIONS, json.dumps(wordings, indent=1) + "\n")
    report = summarize(results, rewriter.model)
    note(run, language=report.model_dump(mode="json"))
    return report


def read_instructions(run: Path) -> Instructions:
    """The wordings of a run's episodes.

    Raises:
        UnreadableData: if the file is missing or damaged.
    """
    path = run / INSTRUCTIONS
    try:
        wordings = json.loads(path.read_text(encoding="utf-8"))
        return {int(episode): tuple(texts) for episode, texts in wordings.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise UnreadableData(f"{path}: cannot be read; `dataengine render {run}` writes it") from error
