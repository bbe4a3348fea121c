"""What the documents tell a user to type exists, and what they tell him to configure is valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from assets_index.schema import parse_yaml, validate
from dataengine.cli.commands import app as dataengine_app
from dataengine.pipeline.config import RunConfig
from renderers.look_axes import LookConfig
from scene_graph.tasks import TaskFile, builtin_tasks
from trainer.cli import app as trainer_app
from trainer.data.sources.source import SourceList
from trainer.model.config import ST4VLAConfig
from trainer.train.recipe import ActionRecipe, GroundingRecipe, LogRecipe, OptimizerRecipe, Recipe

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
APPLICATIONS = {"dataengine": dataengine_app, "trainer": trainer_app}


def commands_of(document: Path) -> set[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Program, subcommands and options of every line in a code block that calls one of ours."""
    found = set()
    for block in re.findall(r"```(?:\w*)\n(.*?)```", document.read_text(), re.DOTALL):
        for line in block.splitlines():
            words = line.split("#")[0].split()
            if words and words[0] in APPLICATIONS:
                plain = next(
                    (n for n, word in enumerate(words) if not re.fullmatch(r"[a-z]+[a-z0-9]*", word)), len(words)
                )
                options = tuple(word for word in words if word.startswith("--"))
                found.add((words[0], tuple(words[1:plain]), options))
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_in_documents_exist(document: Path) -> None:
    for program, words, options in commands_of(document):
        result = CliRunner().invoke(APPLICATIONS[program], [*words, "--help"], env={"COLUMNS": "200"})
        assert result.exit_code == 0, f"{document.name}: {program} {' '.join(words)}"
        for option in options:
            assert option in result.output, f"{document.name}: {program} {' '.join(words)} has no {option}"


def test_every_axis_of_looks_is_listed() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text()
    section = text.split("## Looks\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(LookConfig.model_fields)


def test_readme_shows_commands() -> None:
    assert len(commands_of(ROOT / "README.md")) > 10


def test_the_configuration_and_the_task_shown_are_valid() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text()
    run, photographed, setup, task, extension = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert validate(parse_yaml(run), RunConfig, "docs/configuration.md").render.looks == 2
    look = validate(parse_yaml(photographed), RunConfig, "docs/configuration.md").render.look
    assert look.table.sources == ("folder",)
    assert len(validate(parse_yaml(setup), RunConfig, "docs/configuration.md").render.cameras) == 3
    assert validate(parse_yaml(task), TaskFile, "docs/configuration.md").steps
    assert validate(parse_yaml(extension), RunConfig, "docs/configuration.md").task.name == "pick_and_place"


def test_the_model_shown_is_valid_and_every_key_of_a_recipe_is_in_the_documents() -> None:
    text = (ROOT / "docs" / "training.md").read_text()
    model, sources = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert validate(parse_yaml(model), ST4VLAConfig, "docs/training.md") == ST4VLAConfig()
    shown = validate(parse_yaml(sources), SourceList, "docs/training.md").sources
    assert [source.lerobot is not None for source in shown] == [False, False, False, True]
    groups = {"grounding": GroundingRecipe, "action": ActionRecipe, "optimizer": OptimizerRecipe, "log": LogRecipe}
    keys = [key for key in Recipe.model_fields if key not in groups]
    keys += [f"{group}.{key}" for group, recipe in groups.items() for key in recipe.model_fields]
    assert [key for key in keys if f"`{key}`" not in text and f"`.{key.split('.')[-1]}`" not in text] == []


def test_every_task_is_in_the_documents() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text()
    assert [name for name in builtin_tasks() if f"`{name}`" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_command_explains_itself() -> None:
    for program, application in APPLICATIONS.items():
        assert isinstance(application, typer.Typer)
        for command in application.registered_commands:
            assert command.callback is not None
            assert command.callback.__doc__, f"{program} {command.name} has no help"
