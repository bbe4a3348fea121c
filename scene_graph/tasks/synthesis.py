"""From a task file and an asset index to a task in a scene."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_graph.catalog import AssetCatalog
from scene_graph.errors import ImpossibleTask
from scene_graph.graspability import Graspability
from scene_graph.reference import noun_phrase
from scene_graph.task import Goal, Node, NodeRole, Rect, SceneGraph, SubTask, TaskSpec
from scene_graph.tasks.casting import Cast, candidates, choose_cast
from scene_graph.tasks.moving_parts import joints_at_start, with_drawn_parts
from scene_graph.tasks.plot import DISTRACTORS, Move, Part, Plot, draw_plot, drawn_scripts
from scene_graph.tasks.task_file import TaskFile
from scene_graph.tasks.wording import USUAL_WORDS, RoleWords, in_sequence, said, shared_noun


def synthesize(
    task: TaskFile, index: AssetCatalog, rng: np.random.Generator, graspable: Graspability | None = None
) -> TaskSpec:
    """A scene for a task, with sub-tasks, goal and words; what words pick out, they pick out alone.

    Args:
        task: the kind of task.
        index: what exists.
        rng: source of all choices.
        graspable: says in which stable poses a hand can take an asset; what is moved takes no other. Without it a thing
            is taken to be graspable if it is narrower than `task.max_grasp_width`.

    Raises:
        ImpossibleTask: if the assets that pass the filters do not make the task.
    """
    tables = candidates(index, task.table)
    if not tables:
        raise ImpossibleTask(f"task {task.name!r}: no table is left: widen its filters, or build more assets")
    table = tables[rng.integers(len(tables))]
    cast = _cast(task, index, rng, graspable)
    plot, part_words = with_drawn_parts(cast.plot, cast.assets, rng)
    scene = SceneGraph(
        nodes=_nodes(plot, cast, rng),
        relations=tuple(relation for relation in plot.start if relation.subject in cast.assets),
        workspace=task.workspace,
        table_id=table.id,
    )
    words: dict[str, RoleWords | str] = {**_words(plot, cast), **part_words}
    subtasks = tuple(_subtask(move, words, cast, rng) for move in plot.moves)
    whole = _instructions(plot, words, subtasks, rng)
    goal = Goal(any_of=plot.goals, hold_time=task.hold_time)
    return TaskSpec(name=task.name, scene=scene, subtasks=subtasks, goal=goal, instruction=whole[0], wordings=whole)


def _cast(task: TaskFile, index: AssetCatalog, rng: np.random.Generator, graspable: Graspability | None) -> Cast:
    """Assets for the variant that is drawn, or for another where none make that one."""
    impossible: list[ImpossibleTask] = []
    for script in drawn_scripts(task, rng):
        try:
            return choose_cast(draw_plot(task, script, rng), index, rng, graspable)
        except ImpossibleTask as error:
            impossible.append(error)
    raise impossible[0]


def _nodes(plot: Plot, cast: Cast, rng: np.random.Generator) -> tuple[Node, ...]:
    regions = _regions(plot, rng)
    joints = joints_at_start(plot.start, cast.assets, rng)
    return tuple(
        Node(
            name=part.name,
            asset_id=cast.assets[part.name].id,
            role=_node_role(part, plot),
            region=regions.get(part.name),
            orientation=cast.orientations[part.name],
            heading=plot.task.roles.get(part.role, plot.task.distractors).heading,
            joints=joints.get(part.name, {}),
        )
        for part in plot.parts
        if part.name in cast.assets
    )


def _node_role(part: Part, plot: Plot) -> NodeRole:
    if part.name in plot.moved:
        return "target"
    return "container" if part.name in {move.container for move in plot.moves} else "distractor"


def _regions(plot: Plot, rng: np.random.Generator) -> dict[str, Rect]:
    """The rectangle of each part that has one: dealt out anew in every scene where there are several."""
    dealt: dict[str, Rect] = {}
    for role, given in plot.script.regions.items():
        rects = [given] if isinstance(given, Rect) else [given[i] for i in rng.permutation(len(given))]
        for part in plot.of(role):
            dealt[part.name] = rects[part.number % len(rects)]
    for part in plot.parts:
        owner = plot.task.roles[part.role].beside if part.role != DISTRACTORS else None
        if owner and part.name not in dealt and (rect := dealt.get(plot.of(owner)[part.number].name)):
            dealt[part.name] = rect
    return dealt


def _words(plot: Plot, cast: Cast) -> dict[str, RoleWords]:
    """The words for every role."""
    words = {}
    for role in plot.task.roles:
        parts, assets = plot.of(role), cast.of(role)
        phrases = [noun_phrase(cast.descriptions[part.name]) for part in parts if part.name in cast.descriptions]
        words[role] = RoleWords(
            number=len(parts),
            phrases=tuple(phrases) if len(phrases) == len(parts) else (),
            shared=shared_noun(assets),
            labels=tuple(part.ingredient for part in parts if part.ingredient is not None),
            inscriptions=tuple(asset.inscription for asset in assets if asset.inscription is not None),
        )
    return words


def _subtask(move: Move, words: dict[str, RoleWords | str], cast: Cast, rng: np.random.Generator) -> SubTask:
    own: dict[str, RoleWords | str] = {**words}
    for field, name in (("target", move.target), ("container", move.container)):
        if name in cast.descriptions:
            own[field] = noun_phrase(cast.descriptions[name])
    texts = move.step.words or (USUAL_WORDS[move.goal[0].kind],)
    instructions = _shuffled([said(text, own) for text in texts], rng)
    return SubTask(
        skill=move.step.skill,
        target=move.target,
        part=move.step.part,
        container=move.container,
        goal=move.goal,
        instruction=instructions[0],
        wordings=tuple(instructions) if move.step.words else (),
    )


def _instructions(
    plot: Plot, words: dict[str, RoleWords | str], subtasks: Sequence[SubTask], rng: np.random.Generator
) -> tuple[str, ...]:
    """Every way to say the whole, in random order; a task without words of its own says what its only step says."""
    if not plot.script.words:
        (only,) = subtasks
        return only.wordings or (only.instruction,)
    steps = in_sequence([subtask.instruction for subtask in subtasks])
    known: dict[str, RoleWords | str] = {**words, "steps": steps}
    texts = [said(text, known) for text in plot.script.words]
    return tuple(dict.fromkeys(text[0].upper() + text[1:] for text in _shuffled(texts, rng)))


def _shuffled(texts: Sequence[str], rng: np.random.Generator) -> list[str]:
    return [texts[i] for i in rng.permutation(len(texts))]
