"""Tasks made up from an asset index: pick one thing up and put it into or onto a container, among others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from pydantic import Field, field_validator

from assets_index.asset import Asset, Point2, Split
from assets_index.schema import Schema
from scene_graph.catalog import AssetCatalog
from scene_graph.description import Description
from scene_graph.errors import ImpossibleTask
from scene_graph.fitting import graspable_stances, has_room, opening, radius_of
from scene_graph.graspability import Graspability
from scene_graph.reference import name_among, noun_phrase
from scene_graph.relations import AnyRelation, In, On
from scene_graph.stance import Orientation
from scene_graph.task import Node, Rect, SceneGraph, SubTask, TaskSpec

Goal = Literal["in", "on"]


class TaskConfig(Schema):
    """What pick-and-place tasks are made of. Lengths in metres; regions are those of the paper, D.2.

    Attributes:
        distractors: least and greatest number of other objects.
        goals: what may be asked for, as far as the container allows it.
        orientation: how objects lie; containers always stand upright.
        source, table_source: kinds of source that objects and containers, and tables, must come from; None for any.
        target_split, container_split, distractor_split: None for any.
        object_categories, container_categories, table_categories: None for all.
        target_region: 20 x 35 cm in front of the robot; container_region: 40 x 70 cm.
        max_grasp_width: a target must be narrower than this in some horizontal direction, in every stance it may take.
        fit_margin: free space around the target in its container, at any yaw.
        max_container_extent: a longer or wider container leaves no room for its target beside it.
    """

    distractors: tuple[int, int] = (5, 9)
    goals: tuple[Goal, ...] = Field(default=("in", "on"), min_length=1)
    orientation: Literal["upright", "random"] = "upright"
    source: str | None = None
    table_source: str | None = None
    target_split: Split | None = "train"
    container_split: Split | None = "train"
    distractor_split: Split | None = "train"
    object_categories: tuple[str, ...] | None = None
    container_categories: tuple[str, ...] | None = None
    table_categories: tuple[str, ...] | None = None
    target_region: Rect = Rect(lower=(0.38, -0.175), upper=(0.58, 0.175))
    container_region: Rect = Rect(lower=(0.30, -0.35), upper=(0.70, 0.35))
    workspace: Rect = Rect(lower=(0.28, -0.40), upper=(0.75, 0.40))
    max_grasp_width: float = Field(default=0.075, gt=0.0)
    fit_margin: float = Field(default=0.005, ge=0.0)
    max_container_extent: float = Field(default=0.36, gt=0.0)

    @field_validator("distractors")
    @classmethod
    def _check_distractors(cls, value: tuple[int, int]) -> tuple[int, int]:
        if not 0 <= value[0] <= value[1]:
            raise ValueError("the least number of distractors must be between 0 and the greatest")
        return value


def synthesize_pick_place(
    index: AssetCatalog, rng: np.random.Generator, config: TaskConfig, graspable: Graspability | None = None
) -> TaskSpec:
    """A pick-and-place task whose target fits its container and is named by words that fit nothing else in the scene.

    Args:
        index: what exists.
        rng: source of all choices.
        config: what to choose from.
        graspable: says in which stable poses a hand can take an asset; a target takes no other. Without it a target is
            taken to be graspable if it is slimmer than `config.max_grasp_width`.

    Raises:
        ImpossibleTask: if the filters leave no table, no target with a container it fits, or too few distractors.
    """
    table = _table(index, rng, config)
    target, orientation, container, goal = _target_and_container(index, rng, config, graspable)
    distractors = _distractors(index, rng, config, target, container)
    names = _node_names([target, container, *distractors])
    nodes = [
        Node(
            name=names[0],
            asset_id=target.id,
            role="target",
            region=config.target_region,
            orientation=orientation,
        ),
        Node(name=names[1], asset_id=container.id, role="container", region=config.container_region),
    ]
    nodes += [
        Node(name=name, asset_id=asset.id, role="distractor", orientation=config.orientation)
        for name, asset in zip(names[2:], distractors, strict=True)
    ]
    relation: AnyRelation = (
        In(subject=names[0], anchor=names[1]) if goal == "in" else On(subject=names[0], anchor=names[1])
    )
    subtask = SubTask(
        target=names[0],
        container=names[1],
        goal=(relation,),
        instruction=_instruction(target, container, [target, container, *distractors], goal),
    )
    scene = SceneGraph(nodes=tuple(nodes), workspace=config.workspace, table_id=table.id)
    return TaskSpec.of_one("pick_place", scene, subtask)


def _table(index: AssetCatalog, rng: np.random.Generator, config: TaskConfig) -> Asset:
    tables = _of_categories(index.find(role="table", source=config.table_source), config.table_categories)
    if not tables:
        raise ImpossibleTask("no table is left: widen the task's table categories or source, or build more assets")
    return tables[rng.integers(len(tables))]


def _of_categories(assets: Sequence[Asset], categories: tuple[str, ...] | None) -> list[Asset]:
    return [asset for asset in assets if categories is None or asset.category in categories]


def _target_and_container(
    index: AssetCatalog, rng: np.random.Generator, config: TaskConfig, graspable: Graspability | None
) -> tuple[Asset, Orientation, Asset, Goal]:
    """The first of the targets, in random order, that fits a container; how it may lie, and one of its containers."""
    objects = index.find(role="object", split=config.target_split, source=config.source)
    containers = index.find(role="container", split=config.container_split, source=config.source)
    targets = _of_categories(objects, config.object_categories)
    small = [asset for asset in containers if max(asset.extents[:2]) <= config.max_container_extent]
    vessels = _of_categories(small, config.container_categories)
    for target in _shuffled(targets, rng):
        orientation = graspable_stances(index, target, config.orientation, config.max_grasp_width, graspable)
        if orientation is None:
            continue
        for container in _shuffled(vessels, rng):
            goals = _possible_goals(index, target, container, orientation, config)
            if goals:
                return target, orientation, container, goals[rng.integers(len(goals))]
    raise ImpossibleTask(
        f"none of {len(targets)} targets is graspable and fits one of {len(vessels)} containers: widen the task's "
        "categories, splits or source, or build more assets"
    )


def _distractors(
    index: AssetCatalog, rng: np.random.Generator, config: TaskConfig, target: Asset, container: Asset
) -> list[Asset]:
    """Other objects, none of which would make the target's or the container's description ambiguous."""
    fewest, most = config.distractors
    wanted = int(rng.integers(fewest, most + 1))
    objects = _of_categories(
        index.find(role="object", split=config.distractor_split, source=config.source), config.object_categories
    )
    chosen: list[Asset] = []
    for asset in _shuffled(objects, rng):
        if len(chosen) == wanted:
            break
        others = [target, container, *chosen, asset]
        if asset.id != target.id and name_among(target, others) and name_among(container, others):
            chosen.append(asset)
    if len(chosen) < fewest:
        raise ImpossibleTask(
            f"only {len(chosen)} of {fewest} distractors can be told from the target: build more assets"
        )
    return chosen


def _shuffled(assets: Sequence[Asset], rng: np.random.Generator) -> Iterator[Asset]:
    return (assets[i] for i in rng.permutation(len(assets)))


def _node_names(assets: Sequence[Asset]) -> list[str]:
    """E.g. "bell_pepper_0": the category and the place in the list."""
    return [f"{'_'.join(asset.category.split())}_{number}" for number, asset in enumerate(assets)]


def _possible_goals(
    index: AssetCatalog, target: Asset, container: Asset, orientation: Orientation, config: TaskConfig
) -> list[Goal]:
    """The goals for which the target has room at any yaw."""
    radius = radius_of(index, target, orientation)
    outlines: dict[Goal, tuple[Point2, ...] | None] = {
        "in": opening(container),
        "on": container.support.outline if container.support else None,
    }
    return [goal for goal in config.goals if has_room(outlines[goal], [radius], config.fit_margin)]


def _instruction(target: Asset, container: Asset, others: Sequence[Asset], goal: Goal) -> str:
    moved, place = (noun_phrase(_unique_name(asset, others)) for asset in (target, container))
    return f"Put {moved} into {place}" if goal == "in" else f"Move {moved} to the top of {place}"


def _unique_name(asset: Asset, others: Sequence[Asset]) -> Description:
    description = name_among(asset, others)
    if description is None:
        raise ImpossibleTask(f"{asset.name!r} cannot be told from the container: choose other categories")
    return description
