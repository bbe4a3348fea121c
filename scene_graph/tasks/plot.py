"""What happens in one scene of a task: which things there are, and what is moved where, before any asset is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from scene_graph.relations import AnyRelation
from scene_graph.tasks.binding import RelationTemplate, bind
from scene_graph.tasks.task_file import RoleSpec, Step, TaskFile, Variant
from scene_graph.tasks.wording import LIST, PHRASE, USUAL_WORDS, fields

DISTRACTORS = "distractors"


@dataclass(frozen=True)
class Part:
    """One thing of a role.

    Attributes:
        name: of its node, e.g. "base" or "layers_2".
        ingredient: what it is called in the recipe.
    """

    name: str
    role: str
    number: int
    ingredient: str | None = None


@dataclass(frozen=True)
class Move:
    """A sub-task before it has words; target and container are names of parts."""

    step: Step
    target: str
    container: str
    goal: tuple[AnyRelation, ...]


@dataclass(frozen=True)
class Plot:
    """One variant of a task with every number drawn.

    Attributes:
        parts: in the order in which assets are chosen for them, distractors last.
        moves: the sub-tasks, in order.
        start: relations at the start.
        goals: alternatives.
    """

    task: TaskFile
    script: Variant
    parts: tuple[Part, ...]
    moves: tuple[Move, ...]
    start: tuple[AnyRelation, ...]
    goals: tuple[tuple[AnyRelation, ...], ...]

    def of(self, role: str) -> tuple[Part, ...]:
        """The parts of a role."""
        return tuple(part for part in self.parts if part.role == role)

    @property
    def moved(self) -> frozenset[str]:
        """Names of the parts that are moved as a whole."""
        return frozenset(move.target for move in self.moves if move.step.part is None)

    @property
    def phrased(self) -> frozenset[str]:
        """Names of the parts that words pick out, and which must therefore be told from all others."""
        asked = {name for text in self.script.words for name, form in fields(text) if form in (PHRASE, LIST)}
        names = {part.name for part in self.parts if part.role in asked}
        for move in self.moves:
            texts = move.step.words or (USUAL_WORDS[move.goal[0].kind],)
            roles = {name for text in texts for name, form in fields(text) if form in (PHRASE, LIST)}
            names |= {part.name for part in self.parts if part.role in roles}
            names |= {move.target} if "target" in roles else set()
            names |= {move.container} if "container" in roles else set()
        return frozenset(names)


def drawn_scripts(task: TaskFile, rng: np.random.Generator) -> tuple[Variant, ...]:
    """The variants in random order, those with a greater share rather first."""
    shares = np.array([script.share for script in task.scripts])
    order = rng.choice(len(shares), len(shares), replace=False, p=shares / shares.sum())
    return tuple(task.scripts[number] for number in order)


def draw_plot(task: TaskFile, script: Variant, rng: np.random.Generator) -> Plot:
    """Draw the recipes of a variant and how many things there are."""
    parts: list[Part] = []
    for role, spec in {**task.roles, DISTRACTORS: task.distractors}.items():
        parts += _parts(role, spec, sum(part.role == spec.beside for part in parts), rng)
    names = {role: [part.name for part in parts if part.role == role] for role in {part.role for part in parts}}
    moves = tuple(move for step in script.steps for move in _moves(step, names))
    start = tuple(relation for each in script.start for relation in _start(each.each, each.relation, task, names))
    return Plot(task, script, tuple(parts), moves, start, _goals(task, moves, parts, names))


def _parts(role: str, spec: RoleSpec, owners: int, rng: np.random.Generator) -> list[Part]:
    if spec.recipes:
        recipe = spec.recipes[rng.integers(len(spec.recipes))]
        return [Part(f"{role}_{number}", role, number, word) for number, word in enumerate(recipe)]
    count = owners if spec.beside else int(rng.integers(spec.bounds[0], spec.bounds[1] + 1))
    single = spec.bounds == (1, 1) and not spec.beside
    return [Part(role if single else f"{role}_{number}", role, number) for number in range(count)]


def _moves(step: Step, names: Mapping[str, Sequence[str]]) -> Iterator[Move]:
    previous = list(names[step.first]) if step.first else []
    for target in names.get(step.each, [])[: step.most]:
        known = {**names, "target": [target], "previous": previous}
        (container,) = known[step.container]
        known["container"] = [container]
        goal = tuple(bind({"subject": "target", **template}, known) for template in step.goal)
        yield Move(step, target, container, goal)
        previous = [target]


def _start(
    each: str, template: RelationTemplate, task: TaskFile, names: Mapping[str, Sequence[str]]
) -> Iterator[AnyRelation]:
    spec = task.roles.get(each, task.distractors)
    for number, name in enumerate(names.get(each, [])):
        owner = {spec.beside: [names[spec.beside][number]]} if spec.beside else {}
        yield bind({"subject": name, **template}, {**names, **owner})


def _goals(
    task: TaskFile, moves: Sequence[Move], parts: Sequence[Part], names: Mapping[str, Sequence[str]]
) -> tuple[tuple[AnyRelation, ...], ...]:
    if task.goal:
        return tuple(
            tuple(
                bind({**template, "subject": subject}, names)
                for template in relations
                for subject in names[str(template["subject"])]
            )
            for relations in task.goal
        )
    together = tuple(dict.fromkeys(relation for move in moves for relation in move.goal))
    if not task.interchangeable:
        return (together,)
    return tuple(
        dict.fromkeys(
            tuple(bind(relation.model_dump(), {old: [new] for old, new in swap.items()}) for relation in together)
            for swap in _swaps(parts)
        )
    )


def _swaps(parts: Sequence[Part]) -> Iterator[dict[str, str]]:
    """Every way in which parts by the same name in one recipe may change places; the one that changes nothing first."""
    alike: dict[tuple[str, str], list[str]] = {}
    for part in parts:
        if part.ingredient is not None:
            alike.setdefault((part.role, part.ingredient), []).append(part.name)
    for orders in product(*(permutations(names) for names in alike.values())):
        swap: dict[str, str] = {}
        for names, order in zip(alike.values(), orders, strict=True):
            swap |= dict(zip(names, order, strict=True))
        yield swap
