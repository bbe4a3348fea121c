"""The schema of a task file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from assets_index.asset import Attributes, Role, Split
from assets_index.schema import Schema
from scene_graph.stance import Orientation
from scene_graph.task import Rect, SkillName
from scene_graph.tasks.binding import RelationTemplate

FEW = (0, 3)
"""Least and greatest number of distractors, where a task does not say it."""

Quality = Literal["category", "group", "color", "material", "shape", "size", "inscription"]
"""What things can be compared by."""


class AssetFilter(Schema):
    """Which assets may play a part; None for any.

    Attributes:
        kind: the assets' own role: "object", "container", "table" or "fixture".
        split: "train" or "heldout"; source: where they come from, e.g. "procedural", "sweethome3d", "folder".
        categories, groups: those that may; without: categories that may not.
        attributes: words that must be true of it.
        surface: "cavity" for things that others can be put into, "support" for those that can carry others.
        max_extent: greatest length and width, metres; max_height: greatest height.
    """

    kind: Role = "object"
    categories: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    groups: tuple[str, ...] | None = None
    attributes: Attributes = Attributes()
    split: Split | None = None
    source: str | None = None
    surface: Literal["cavity", "support"] | None = None
    max_extent: float | None = Field(default=None, gt=0.0)
    max_height: float | None = Field(default=None, gt=0.0)


class TableFilter(AssetFilter):
    """Which tables there may be."""

    kind: Role = "table"


class RoleSpec(AssetFilter):
    """A part that one or several things play; of the training split unless it says otherwise.

    Attributes:
        count: how many things, or the least and the greatest number.
        same, different: qualities that all its things share, or in which no two agree.
        unlike: by another role declared before: the quality that its things share with none of those.
        like: the same for a quality that they all share with those.
        beside: role of several things, to each of which one thing of this role belongs, in order.
        recipes: instead of a count: lists of ingredients, one of which is drawn; its things are in that order.
        orientation: how its things lie at the start, "upright" or "random" for any stable pose; what is moved only as
            the hand can take it.
        heading: least and greatest yaw, rad, None for any.
    """

    split: Split | None = "train"
    count: int | tuple[int, int] = 1
    same: tuple[Quality, ...] = ()
    different: tuple[Quality, ...] = ()
    like: dict[str, Quality] = {}
    unlike: dict[str, Quality] = {}
    beside: str | None = None
    recipes: tuple[tuple[str, ...], ...] = ()
    orientation: Orientation = "upright"
    heading: tuple[float, float] | None = None

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest number of things, where no recipe and no other role says it."""
        return (self.count, self.count) if isinstance(self.count, int) else self.count

    @model_validator(mode="after")
    def _check_count(self) -> RoleSpec:
        if not 0 <= self.bounds[0] <= self.bounds[1]:
            raise ValueError("the least count must be between 0 and the greatest")
        return self


class StartRelation(Schema):
    """A relation that must hold at the start, for each thing of a role.

    Attributes:
        each: the role whose things are the subjects.
        relation: without a subject; an anchor that `each` is `beside` means the thing that the subject belongs to.
    """

    each: str
    relation: RelationTemplate


class Step(Schema):
    """Something done with each thing of a role, in order: one sub-task for each.

    Attributes:
        each: the role whose things are moved; most: how many of them, None for all.
        part: the moving part of each that is handled, "any" for one that is drawn; None for the whole thing.
        first: role of what "previous" is for the first of them.
        container: what it goes into, onto or beside: a role, "previous" for the thing moved before, or "target" itself
            where nothing is put anywhere.
        goal: relations that must hold when it is done; their subject is the thing moved unless another is named, their
            anchors are roles, "container" or "previous".
        words: ways to say it, with {target} and {container} and all that the task's words may have; none for the usual
            words of its goal.
    """

    skill: SkillName = "pick_place"
    each: str
    most: int | None = Field(default=None, ge=1)
    part: str | None = None
    first: str | None = None
    container: str
    goal: tuple[RelationTemplate, ...] = Field(min_length=1)
    words: tuple[str, ...] = ()


class Variant(Schema):
    """What differs from one variant of a task to the next.

    Attributes:
        share: how often it is drawn, relative to the others; 0 for never. Where no assets make it, another is drawn.
        regions: by role, where its things must lie: one rectangle, or several that are dealt out, one to each. A role
            that is `beside` another shares the rectangles of that.
        start, steps, words: those of the task where there are none.
    """

    share: float = Field(default=1.0, ge=0.0)
    regions: dict[str, Rect | tuple[Rect, ...]] = {}
    start: tuple[StartRelation, ...] = ()
    steps: tuple[Step, ...] = ()
    words: tuple[str, ...] = ()


class TaskFile(Schema):
    """A kind of task. Lengths in metres.

    A file may have two more keys. `extends` names another task, whose keys count where this one is silent: mappings are
    merged key by key, everything else is replaced (`scene_graph.tasks.reading`). What `all_roles` says holds for every
    role and for the distractors, unless they say otherwise themselves.

    Attributes:
        table: which tables there may be.
        roles: the things that the task is about, chosen in this order.
        ingredients: what the names in recipes stand for.
        interchangeable: things by the same name in a recipe may change places in the goal.
        distractors: other things that stand about.
        start: relations at the start; a part that is to be open then stands open.
        steps: what is done, in order; words: ways to say the whole.
        goal: what must be so at the end, an OR of ANDs over roles; none for the goals of all steps together. A relation
            whose subject is a role of several things speaks of each of them.
        hold_time: how long it must stay so, seconds.
        variants: by name; one of them is drawn for each scene. None for a task without variants.
        workspace: the part of the table on which things may stand.
        max_grasp_width: what is moved must be narrower than this in some direction, in every stance it may take.
        fit_margin: room around things in their containers.
        overlap: least radius of what carries a thing, by the radius of the thing.
    """

    name: str
    table: TableFilter = TableFilter()
    roles: dict[str, RoleSpec] = Field(min_length=1)
    ingredients: dict[str, AssetFilter] = {}
    interchangeable: bool = False
    distractors: RoleSpec = RoleSpec(count=FEW)
    start: tuple[StartRelation, ...] = ()
    steps: tuple[Step, ...] = ()
    words: tuple[str, ...] = ()
    goal: tuple[tuple[RelationTemplate, ...], ...] = ()
    hold_time: float = Field(default=1.0, gt=0.0)
    variants: dict[str, Variant] = {}
    workspace: Rect = Rect(lower=(0.28, -0.40), upper=(0.75, 0.40))
    max_grasp_width: float = Field(default=0.075, gt=0.0)
    fit_margin: float = Field(default=0.005, ge=0.0)
    overlap: float = Field(default=0.55, gt=0.0)

    @property
    def scripts(self) -> tuple[Variant, ...]:
        """Every variant that may be drawn, with its own start, steps and words, or the task's."""
        own = ("start", "steps", "words")
        return tuple(
            variant.model_copy(update={name: getattr(variant, name) or getattr(self, name) for name in own})
            for variant in self.variants.values() or (Variant(),)
            if variant.share > 0.0
        )

    @model_validator(mode="before")
    @classmethod
    def _spread_all_roles(cls, data: object) -> object:
        """Give what all roles have in common to each of them."""
        if not isinstance(data, dict) or "all_roles" not in data:
            return data
        rest = {key: value for key, value in data.items() if key != "all_roles"}
        common, roles = data["all_roles"], data.get("roles")
        if not isinstance(common, dict) or not isinstance(roles, dict):
            raise ValueError("all_roles: it and roles must be mappings")  # noqa: TRY004 - pydantic reports ValueError alone
        own = {"distractors": rest.get("distractors", {"count": FEW}), **roles}
        spread = {name: {**common, **role} if isinstance(role, dict) else role for name, role in own.items()}
        return {**rest, "distractors": spread.pop("distractors"), "roles": spread}

    @model_validator(mode="after")
    def _check(self) -> TaskFile:
        from scene_graph.tasks.checks import check_task_file  # it needs this class

        check_task_file(self)
        return self
