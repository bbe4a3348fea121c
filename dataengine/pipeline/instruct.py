"""Instructions of a run's episodes: templates, and a language model's rewrites where there is an endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from assets_index.files import write_text_whole
from assets_index.index import AssetIndex
from assets_index.schema import Schema
from assets_index.seeding import Stage, generator
from dataengine.language.report import LanguageReport, RewriteResult, summarize
from dataengine.language.rewrite import Rewriter
from dataengine.language.templates import template_instructions
from dataengine.pipeline.run import note, require_content, run_config
from dataengine.replay import scene_at
from dataengine.storage.errors import UnreadableData
from dataengine.storage.records import run_records

INSTRUCTIONS = "instructions.json"


class Wordings(Schema):
    """How one episode's task can be said, each template first.

    Attributes:
        task: the whole task; subtasks: each of its sub-tasks. They are the same where there is only one.
    """

    task: tuple[str, ...]
    subtasks: tuple[tuple[str, ...], ...]


Instructions = dict[int, Wordings]
"""Wordings by episode."""


def write_instructions(run: Path, index: AssetIndex, on_episode: Callable[[], None] | None = None) -> LanguageReport:
    """Put every episode of a run into words and write `instructions.json`.

    A model's answers are cached, so that doing it again asks for nothing twice. What became of the rewrites goes
    into the run's metadata. Raises OtherContent if the run has no episodes but layouts.
    """
    config = run_config(run)
    require_content(run, "episodes")
    rewriter = Rewriter.from_environment(config.language)
    results, wordings = [], {}
    for record in run_records(run):
        rng = generator(config.seed, Stage.LANGUAGE, record.meta.attempt)
        task, subtasks = record.meta.task, []
        for subtask, done in zip(task.subtasks, record.meta.subtasks, strict=True):
            scene = scene_at(record, index, done.first)
            # A model must not be shown, and asked to name, what a task's own words leave to be found out.
            result = RewriteResult() if subtask.wordings else rewriter.rewrite(subtask, scene)
            templates = template_instructions(subtask, scene, rng, config.language.templates)
            subtasks.append(tuple(dict.fromkeys((*templates, *result.kept))))
            results.append(result)
        whole = subtasks[0] if len(subtasks) == 1 else tuple(dict.fromkeys((task.instruction, *task.wordings)))
        wordings[record.meta.attempt] = Wordings(task=whole, subtasks=tuple(subtasks)).model_dump(mode="json")
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
        return {int(episode): Wordings.model_validate(texts) for episode, texts in wordings.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise UnreadableData(f"{path}: cannot be read; `dataengine render {run}` writes it") from error
