"""Instructions from templates: several phrasings, and several ways of naming the same target and container."""

from __future__ import annotations

import numpy as np

from scene_graph.errors import AmbiguousReference
from scene_graph.placed import PlacedScene
from scene_graph.reference import ReferenceKind, refer
from scene_graph.resolve import resolve_instruction
from scene_graph.task import SubTask

IN_TEMPLATES = (
    "Put {target} into {container}.",
    "Place {target} in {container}.",
    "Move {target} into {container}.",
    "Pick up {target} and put it in {container}.",
    "Take {target} and place it into {container}.",
    "Drop {target} into {container}.",
)
ON_TEMPLATES = (
    "Move {target} to the top of {container}.",
    "Put {target} on {container}.",
    "Place {target} onto {container}.",
    "Pick up {target} and put it on {container}.",
    "Set {target} down on {container}.",
    "Take {target} and place it on top of {container}.",
)
"""The first is the paper's (D.2)."""

STACK_TEMPLATES = (
    "Stack {target} on {container}.",
    "Put {target} on top of {container}.",
    "Place {target} onto {container}.",
    "Pick up {target} and put it on top of {container}.",
)
NEAR_TEMPLATES = (
    "Put {target} next to {container}.",
    "Place {target} beside {container}.",
    "Move {target} next to {container}.",
    "Set {target} down near {container}.",
    "Pick up {target} and put it next to {container}.",
)
TEMPLATES: dict[str, tuple[str, ...]] = {
    "in": IN_TEMPLATES,
    "on": ON_TEMPLATES,
    "stacked_on": STACK_TEMPLATES,
    "near": NEAR_TEMPLATES,
}
"""By the kind of the first relation of a sub-task's goal; for other kinds there is only a sub-task's own wording."""

TARGET_KINDS: tuple[ReferenceKind, ...] = ("category", "attribute", "spatial")
CONTAINER_KINDS: tuple[ReferenceKind, ...] = ("category", "attribute")
"""A container is named by what it is: "left of the bowl in the basket" could be read in two ways."""

DRAWS = 4
"""Times a wording is drawn for each instruction that is wanted."""


def template_instructions(
    subtask: SubTask, scene: PlacedScene, rng: np.random.Generator, count: int
) -> tuple[str, ...]:
    """Up to `count` different instructions for a sub-task, its own first.

    Where the task has wordings of its own for it, only these; they may be meant to hide what the target is. Otherwise
    each of the others is read back and kept only if it picks exactly the target and the container.
    """
    instructions = list(dict.fromkeys((subtask.instruction, *subtask.wordings)))[:count]
    templates = TEMPLATES.get(subtask.goal[0].kind, ())
    if subtask.wordings or not templates:
        return tuple(instructions)
    for _ in range(DRAWS * count):
        if len(instructions) == count:
            break
        text = _draw(templates, subtask, scene, rng)
        if text not in instructions and resolve_instruction(text, scene) == ({subtask.target}, {subtask.container}):
            instructions.append(text)
    return tuple(instructions)


def _draw(templates: tuple[str, ...], subtask: SubTask, scene: PlacedScene, rng: np.random.Generator) -> str:
    """One wording; the task's own if no expression picks the target or the container alone."""
    try:
        target = refer(scene, subtask.target, rng, TARGET_KINDS).text
        container = refer(scene, subtask.container, rng, CONTAINER_KINDS).text
    except AmbiguousReference:
        return subtask.instruction
    return templates[rng.integers(len(templates))].format(target=target, container=container)
