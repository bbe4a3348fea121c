"""What can be wrong with a task file beyond the form of each key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scene_graph.tasks.binding import RelationTemplate, bind
from scene_graph.tasks.wording import USUAL_WORDS, check_words

if TYPE_CHECKING:
    from scene_graph.tasks.task_file import StartRelation, Step, TaskFile, Variant

RESERVED = ("target", "container", "previous", "distractors", "steps", "part", "sum")
"""Names with a meaning of their own, which no role may have."""


def check_task_file(task: TaskFile) -> None:
    """Raise ValueError, in one line, unless every name in a task file stands for something and its relations exist."""
    for name in task.roles:
        if name in RESERVED or not name.isidentifier():
            raise ValueError(f"no role may be called {name!r}")
    _check_roles(task)
    for relations in task.goal:
        for template in relations:
            _check_relation(template, task.roles, "goal")
    if not task.scripts:
        raise ValueError("variants: the share of every one is 0")
    for script in task.scripts:
        _check_script(script, task)


def _known(name: str, names: Iterable[str], where: str) -> None:
    if name not in names:
        raise ValueError(f"{where}: there is no role {name!r}; roles are {', '.join(names)}")


def _check_roles(task: TaskFile) -> None:
    before: list[str] = []
    for name, role in {**task.roles, "distractors": task.distractors}.items():
        for other in (*role.like, *role.unlike, *((role.beside,) if role.beside else ())):
            _known(other, before, f"role {name!r}, which may speak of roles above it")
        for ingredient in {word for recipe in role.recipes for word in recipe}:
            if ingredient not in task.ingredients:
                raise ValueError(f"role {name!r}: there is no ingredient {ingredient!r}")
        before.append(name)


def _check_relation(template: RelationTemplate, names: Iterable[str], where: str) -> None:
    relation = bind(template, {})
    for name in (relation.subject, *relation.anchors):
        _known(name, [*names], where)


def _check_start(start: StartRelation, task: TaskFile) -> None:
    _known(start.each, [*task.roles, "distractors"], "start")
    _check_relation({"subject": start.each, **start.relation}, [*task.roles, "distractors"], "start")


def _check_script(script: Variant, task: TaskFile) -> None:
    for role in script.regions:
        _known(role, [*task.roles, "distractors"], "regions")
    for relation in script.start:
        _check_start(relation, task)
    if not script.steps:
        raise ValueError("there are no steps")
    if not script.words and len(script.steps) > 1:
        raise ValueError("a task of several steps needs words")
    for step in script.steps:
        _check_step(step, task)
    for text in script.words:
        check_words(text, [*task.roles, "steps", "part", "sum"])


def _check_step(step: Step, task: TaskFile) -> None:
    where = f"step {step.each!r}"
    _known(step.each, task.roles, where)
    places = [*task.roles, *(["previous"] if step.first else [])]
    _known(step.container, [*places, "target"], where)
    if step.first:
        _known(step.first, task.roles, where)
    for template in step.goal:
        _check_relation({"subject": "target", **template}, [*places, "target", "container"], where)
    if not step.words and step.goal[0].get("kind") not in USUAL_WORDS:
        raise ValueError(f"{where}: there are no usual words for {step.goal[0].get('kind')!r}; give the step words")
    for text in step.words:
        check_words(text, [*task.roles, "target", "container", "part", "sum"])
