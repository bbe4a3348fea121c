"""What can be seen in one picture, and how to speak of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assets_index.robot_setup import GRIPPER
from assets_index.transforms import Array
from dataengine.questions.config import QuestionConfig
from dataengine.questions.context import QuestionContext
from dataengine.questions.picture import Standing, description_agrees
from dataengine.questions.wordings import Wordings
from dataengine.samples import Box, GroundingSample, QuestionKind
from renderers.annotations import BodyAnnotation, frame_ids
from renderers.camera import CameraView, project
from scene_graph.description import Description, resolve_description
from scene_graph.errors import AmbiguousReference
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.reference import ReferenceKind, name_among, noun_phrase, refer
from scene_graph.task import SubTask
from scene_graph.vocabulary import GENERIC_NOUNS

NEAR = 0.01
"""Depth in metres below which a point has no place in the picture."""

PLAIN_KINDS: tuple[ReferenceKind, ...] = ("category", "attribute")
ALL_KINDS: tuple[ReferenceKind, ...] = (*PLAIN_KINDS, "spatial")
PLAIN_TRIES = 4
"""Plain expressions that are drawn for a body before it is not spoken of."""

ROBOT_COLORS = frozenset({"white", "gray", "black"})
"""Colours in which a robot may be painted."""


@dataclass(frozen=True)
class Sight:
    """The bodies of one picture, with the generator that makes this picture's choices."""

    context: QuestionContext
    config: QuestionConfig
    rng: np.random.Generator

    @property
    def scene(self) -> PlacedScene:
        """The movable bodies where they are."""
        return self.context.moment.scene

    @property
    def subtask(self) -> SubTask:
        """What the robot is doing."""
        return self.context.subtask

    @cached_property
    def annotations(self) -> dict[str, BodyAnnotation]:
        """What is seen of each movable body, by name, in the order of names."""
        by_name = {body.name: body for body in self.context.annotation.bodies}
        return {name: by_name[name] for name in sorted(self.scene.bodies)}

    @cached_property
    def clear(self) -> tuple[str, ...]:
        """Bodies of which enough is seen to ask for them."""
        return tuple(name for name, seen in self.annotations.items() if self._is_clear(seen))

    @cached_property
    def present(self) -> PlacedScene:
        """Bodies with any pixel in the picture: an expression has to tell a body from all of these."""
        bodies = self.scene.bodies
        return PlacedScene({name: bodies[name] for name, seen in self.annotations.items() if seen.visible_pixels > 0})

    @property
    def held(self) -> str | None:
        """The body that a gripper holds, or is about to let go; None if there is none."""
        return self.subtask.target if self.context.moment.object_path is not None else None

    @cached_property
    def resting(self) -> tuple[str, ...]:
        """Clear bodies that nobody holds."""
        return tuple(name for name in self.clear if name != self.held)

    @cached_property
    def standing(self) -> Standing:
        """Where the clear bodies that nobody holds stand in the picture."""
        bodies = [self.scene[name] for name in self.resting]
        feet = np.array([[*body.center, body.bottom] for body in bodies]).reshape(-1, 3)
        pixels = project(feet, self.context.frame.view)[0]
        boxes = {name: self.box(name) for name in self.resting}
        return Standing(boxes, dict(zip(self.resting, pixels, strict=True)), self.context.frame.view.height)

    @property
    def ids(self) -> NDArray[np.uint16]:
        """Instance ids of the picture's pixels, (H, W)."""
        return frame_ids(self.context.frame)

    def depth_at(self, pixels: Array) -> Array:
        """Depth, metres, of the pixels that points (N, 2) within the picture lie in; shape (N,)."""
        assert self.context.frame.depth is not None, "the frame was drawn without depth"
        columns, rows = np.floor(pixels).astype(int).T
        return self.context.frame.depth[rows, columns].astype(float)

    def lies_on(self, name: str, pixels: Array) -> bool:
        """Whether points (N, 2) are all within the picture, on visible pixels of that body."""
        columns, rows = np.floor(pixels).astype(int).T
        height, width = self.ids.shape
        within = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        return bool(within.all()) and bool((self.ids[rows, columns] == self.annotations[name].instance_id).all())

    def box(self, name: str) -> Box:
        """The tight box of a clear body."""
        box = self.annotations[name].box
        assert box is not None, f"{name} is not in the picture"
        return box

    def drawn(self, count: int) -> list[str]:
        """Clear bodies in random order, those of the task first more often than not, repeated up to `count`."""
        if not self.clear:
            return []
        weight = {self.subtask.target: 3.0, self.subtask.container: 2.0}
        weights = np.array([weight.get(name, 1.0) for name in self.clear])
        order = self.rng.choice(len(self.clear), len(self.clear), replace=False, p=weights / weights.sum())
        return [self.clear[order[i % len(order)]] for i in range(count)]

    def refer(self, name: str, kinds: Sequence[ReferenceKind] = ALL_KINDS) -> str | None:
        """An expression, with its article, for that body and no other in the picture; None if there is none.

        Spatial words are used only where they are true of the picture as well. Nothing is called "the white object"
        while a robot is there, nor near "the robot base" where there are several.
        """
        for drawn in (kinds, *[PLAIN_KINDS] * PLAIN_TRIES):
            try:
                expression = refer(self.present, name, self.rng, drawn)
            except AmbiguousReference:
                return None
            said = expression.description
            if description_agrees(said, name, self.present, self.standing) and not self._fits_robot(said):
                return expression.text
        return None

    def name(self, name: str) -> str | None:
        """What that body is, with as few words as tell it from the others in the picture; None if none do."""
        assets = [body.asset for body in self.present.bodies.values()]
        description = name_among(self.scene[name].asset, assets)
        if description is None or resolve_description(description, self.present) != {name}:
            return None
        return noun_phrase(description)

    def choose(self, wordings: Wordings) -> str:
        """One of the wordings."""
        return wordings[self.rng.integers(len(wordings))]

    def located(
        self,
        kind: QuestionKind,
        question: str,
        label: str,
        bodies: Sequence[str],
        *,
        boxes: Sequence[Box] = (),
        points: Array | None = None,
        trace: Array | None = None,
    ) -> GroundingSample:
        """A sample whose answer is somewhere in the picture, written in JSON or XML."""
        return GroundingSample(
            frame=self.context.key,
            kind=kind,
            form="xml" if self.rng.random() < self.config.xml_share else "json",
            question=capitalized(question),
            label=without_article(label),
            boxes=tuple(boxes),
            points=_pairs(points),
            trace=_pairs(trace),
            bodies=tuple(bodies),
            visible_fraction=self._least_seen(bodies),
        )

    def said(self, kind: QuestionKind, question: str, label: str, bodies: Sequence[str], text: str) -> GroundingSample:
        """A sample that is answered in words."""
        return GroundingSample(
            frame=self.context.key,
            kind=kind,
            form="text",
            question=capitalized(question),
            label=without_article(label),
            text=text,
            bodies=tuple(bodies),
            visible_fraction=self._least_seen(bodies),
        )

    def _fits_robot(self, said: Description) -> bool:
        """Whether one might think of the robot, as with "the white object", or of another arm's base."""
        like_robot = said.noun in GENERIC_NOUNS and not ROBOT_COLORS.isdisjoint(said.adjectives)
        several_arms = self.context.moment.gripper != GRIPPER
        return like_robot or (several_arms and any("robot base" in first.kind for first in said.superlatives))

    def _is_clear(self, seen: BodyAnnotation) -> bool:
        enough = seen.visible_fraction >= self.config.min_visible_fraction
        enough = enough and seen.visible_pixels >= self.config.min_visible_pixels
        return (
            enough and share_within(self.scene[seen.name], self.context.frame.view) >= self.config.min_visible_fraction
        )

    def _least_seen(self, bodies: Sequence[str]) -> float:
        return min((self.annotations[name].visible_fraction for name in bodies), default=1.0)


def share_within(body: PlacedBody, view: CameraView) -> float:
    """Share of the box around a body's projection that lies in the picture; 0 if part of it is beside the camera."""
    pixels, depth = project(body.vertices, view)
    if depth.min() <= NEAR:
        return 0.0
    lower, upper = pixels.min(axis=0), pixels.max(axis=0)
    inside = np.minimum(upper, [view.width, view.height]) - np.maximum(lower, 0.0)
    return float(np.prod(np.maximum(inside, 0.0)) / np.prod(upper - lower))


def without_article(expression: str) -> str:
    """An expression as a label: "red mug" for "the red mug"."""
    return expression.removeprefix("the ")


def capitalized(sentence: str) -> str:
    """The sentence with its first letter in upper case."""
    return sentence[:1].upper() + sentence[1:]


def _pairs(points: Array | None) -> tuple[tuple[float, float], ...]:
    return () if points is None else tuple((float(x), float(y)) for x, y in points)
