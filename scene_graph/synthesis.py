"""Tasks made up from an asset index: pick one thing up and put it into or onto a container, among others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import numpy as np
import shapely
from pydantic import Field

from assets_index.asset import Asset, Role, Split, StablePose
from assets_index.schema import Schema
from assets_index.transforms import rotation_from_quaternion
from scene_graph.errors import ImpossibleTask
from scene_graph.placed import GeometrySource
from scene_graph.polygons import inner_radius, narrowest_width, outer_radius
from scene_graph.relations import AnyRelation, In, On
from scene_graph.stance import convex_vertices, standing_poses
from scene_graph.task import Node, Rect, SceneGraph, TaskSpec

Goal = Literal["in", "on"]


class AssetCatalog(GeometrySource, Protocol):
    """A geometry source that can be searched; `AssetIndex` is one."""

    def find(
        self, *, role: Role | None = None, split: Split | None = None, source: str | None = None
    ) -> Sequence[Asset]:
        """Assets that fit all that is asked, sorted by id."""
        ...


class TaskConfig(Schema):
    """What pick-and-place tasks are made of. Lengths in metres; regions are those of the paper, D.2.

    Attributes:
        distractors: least and greatest number of other objects.
        goals: what may be asked for, as far as the container allows it.
        orientation: how objects lie; containers always stand upright.
        source: kind of source the assets must come from; None for any.
        target_split, container_split, distractor_split: None for any.
        object_categories, container_categories, table_categories: None for all.
        target_region: 20 x 35 cm in front of the robot; container_region: 40 x 70 cm.
        max_grasp_width: a target must be narrower than this in some horizontal direction, in every stance it may take.
        max_target_reach: a target lying farther from its footprint's centre than this cannot be laid down safely.
        fit_margin: free space around the target in its container, at any yaw.
    """

    distractors: tuple[int, int] = (5, 9)
    goals: tuple[Goal, ...] = ("in", "on")
    orientation: Literal["upright", "random"] = "upright"
    source: str | None = None
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


def synthesize_pick_place(index: AssetCatalog, rng: np.random.Generator, config: TaskConfig) -> TaskSpec:
    """A pick-and-place task whose target fits its container and is named by words that fit nothing else in the scene.

    Raises:
        ImpossibleTask: if the filters leave no table, no target with a container it fits, or too few distractors.
    """
    table = _draw(_tables(index, config), rng, "table")
    target, container, goal = _target_and_container(index, rng, config)
    distractors = _distractors(index, rng, config, target, container)
    names = _node_names([target, container, *distractors])
    nodes = [
        Node(name=names[0], asset_id=target.id, role="target", region=config.target_region, orientation=config.orientation),
        Node(name=names[1], asset_id=container.id, role="container", region=config.container_region),
    ]
    nodes += [
        Node(name=name, asset_id=asset.id, role="distractor", orientation=config.orientation)
        for name, asset in zip(names[2:], distractors, strict=True)
    ]
    relation: AnyRelation = In(subject=names[0], anchor=names[1]) if goal == "in" else On(subject=names[0], anchor=names[1])
    return TaskSpec(
        name="pick_place",
        scene=SceneGraph(nodes=tuple(nodes), workspace=config.workspace, table_id=table.id),
        goal=(relation,),
        target=names[0],
        container=names[1],
        instruction=_instruction(target, container, goal),
    )
