"""Choosing an asset for every part of a plot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

import numpy as np
import shapely

from assets_index.asset import Asset
from scene_graph.catalog import AssetCatalog
from scene_graph.description import Description, fitting
from scene_graph.errors import ImpossibleTask
from scene_graph.fitting import carries, graspable_stances, has_room, opening, radius_of
from scene_graph.graspability import Graspability
from scene_graph.polygons import may_fit
from scene_graph.reference import name_among
from scene_graph.stance import Orientation, standing_footprints
from scene_graph.task import Rect
from scene_graph.tasks.plot import DISTRACTORS, Part, Plot
from scene_graph.tasks.task_file import AssetFilter, RoleSpec
from scene_graph.tasks.wording import ALL, fields, shared_noun
from scene_graph.vocabulary import Fit, noun_fits

TRIES = 40
"""How often the whole cast is chosen anew before a task counts as impossible."""

Label: TypeAlias = tuple[str, str | None]
"""Of a shelf of assets to choose from: a role, and the ingredient if it has a recipe."""

ON, IN = ("on", "stacked_on"), ("in",)


def quality(asset: Asset, name: str) -> str | None:
    """A word by which things are compared."""
    return getattr(asset, name) if name in ("category", "group", "inscription") else getattr(asset.attributes, name)


def candidates(index: AssetCatalog, wanted: AssetFilter) -> list[Asset]:
    """Assets that pass a filter, sorted by id."""
    found = index.find(role=wanted.kind, split=wanted.split, source=wanted.source)
    words = wanted.attributes.model_dump(exclude_none=True)
    return [asset for asset in found if _passes(asset, wanted, words)]


def _passes(asset: Asset, wanted: AssetFilter, words: Mapping[str, str]) -> bool:
    """Whether an asset is what a filter asks for, apart from its role, split and source."""
    return (
        (wanted.categories is None or asset.category in wanted.categories)
        and asset.category not in wanted.without
        and (wanted.groups is None or asset.group in wanted.groups)
        and (not words or all(word == getattr(asset.attributes, name) for name, word in words.items()))
        and (wanted.surface is None or getattr(asset, wanted.surface) is not None)
        and (wanted.max_extent is None or max(asset.extents[:2]) <= wanted.max_extent)
        and (wanted.max_height is None or asset.extents[2] <= wanted.max_height)
    )


class Cast:
    """Assets chosen so far, by the names of parts.

    Attributes:
        orientations: how each may lie at the start.
        descriptions: what picks each out that words speak of.
    """

    def __init__(self, plot: Plot, index: AssetCatalog, graspable: Graspability | None) -> None:
        self.plot, self.assets = plot, dict[str, Asset]()
        self.orientations: dict[str, Orientation] = {}
        self.descriptions: dict[str, Description] = {}
        self._index, self._graspable = index, graspable
        self._moved, self._phrased = plot.moved, plot.phrased
        texts = [*plot.script.words, *(text for step in plot.script.steps for text in step.words)]
        self._collective = {role for text in texts for role, form in fields(text) if form == ALL}

    def of(self, role: str) -> list[Asset]:
        """The assets of a role, as far as they are chosen."""
        return [self.assets[part.name] for part in self.plot.of(role) if part.name in self.assets]

    def add(self, part: Part, asset: Asset) -> bool:
        """Give a part to an asset, unless that breaks anything that is asked of the scene."""
        spec = self.plot.task.roles.get(part.role, self.plot.task.distractors)
        if asset.id in {other.id for other in self.assets.values()} or not self._compares(part, asset, spec):
            return False
        orientation = self._orientation(part, asset, spec)
        if orientation is None or not self._has_space(part, asset, orientation):
            return False
        if not self._fits(part, asset, orientation) or not self._stands_apart(part, asset):
            return False
        descriptions = self._described(part, asset)
        if descriptions is None:
            return False
        self.assets[part.name], self.orientations[part.name] = asset, orientation
        self.descriptions = descriptions
        return True

    def _compares(self, part: Part, asset: Asset, spec: RoleSpec) -> bool:
        """Whether it agrees and disagrees with others as its role asks."""
        own = self.of(part.role)
        return (
            all(quality(asset, name) == quality(other, name) for name in spec.same for other in own)
            and all(quality(asset, name) != quality(other, name) for name in spec.different for other in own)
            and all(quality(asset, n) == quality(other, n) for role, n in spec.like.items() for other in self.of(role))
            and all(quality(asset, n) != quality(o, n) for role, n in spec.unlike.items() for o in self.of(role))
        )

    def _orientation(self, part: Part, asset: Asset, spec: RoleSpec) -> Orientation | None:
        if part.name not in self._moved:
            return spec.orientation
        width = self.plot.task.max_grasp_width
        return graspable_stances(self._index, asset, spec.orientation, width, self._graspable)

    def _has_space(self, part: Part, asset: Asset, orientation: Orientation) -> bool:
        """Whether it could lie in each of the rectangles of its role."""
        given = self.plot.script.regions.get(part.role, ())
        outlines = [shapely.box(*r.lower, *r.upper) for r in ((given,) if isinstance(given, Rect) else given)]
        footprints = standing_footprints(self._index, asset, orientation)
        return all(any(may_fit(footprint, outline) for footprint in footprints) for outline in outlines)

    def _fits(self, part: Part, asset: Asset, orientation: Orientation) -> bool:
        """Whether everything that is to go in or on something has room there, as far as it is chosen."""
        assets = {**self.assets, part.name: asset}
        orientations = {**self.orientations, part.name: orientation}
        for anchor, kinds in self._hosts.items():
            if anchor not in assets or not (part.name == anchor or part.name in kinds):
                continue
            radii = {name: radius_of(self._index, assets[name], orientations[name]) for name in kinds if name in assets}
            if radii and not self._holds(assets[anchor], kinds, radii, is_moved=anchor in self._moved):
                return False
        return True

    @cached_property
    def _hosts(self) -> dict[str, dict[str, str]]:
        """By what carries or holds others: what goes there, and by which relation."""
        hosts: dict[str, dict[str, str]] = {}
        for relation in (relation for move in self.plot.moves for relation in move.goal):
            if relation.kind in (*ON, *IN):
                hosts.setdefault(relation.anchors[0], {})[relation.subject] = relation.kind
        return hosts

    def _holds(self, anchor: Asset, kinds: Mapping[str, str], radii: Mapping[str, float], *, is_moved: bool) -> bool:
        task = self.plot.task
        if any(kinds[name] in IN for name in radii):
            return has_room(opening(anchor), list(radii.values()), task.fit_margin)
        if anchor.role == "container" and not is_moved:
            return has_room(anchor.support.outline if anchor.support else None, list(radii.values()), task.fit_margin)
        return all(carries(anchor, radius, task.overlap) for radius in radii.values())

    def _stands_apart(self, part: Part, asset: Asset) -> bool:
        """Whether "the cans" still means the things of its role and nothing else."""
        for role in self._collective:
            own = self.of(role) + ([asset] if part.role == role else [])
            noun = shared_noun(own) if own else None
            if own and noun is None:
                return False
            others = [self.assets[name] for name in self.assets if name not in {p.name for p in self.plot.of(role)}]
            others += [] if part.role == role else [asset]
            if noun is not None and any(fit > Fit.NO for fit in noun_fits(noun, [*own, *others])[len(own) :]):
                return False
        return True

    def _described(self, part: Part, asset: Asset) -> dict[str, Description] | None:
        """Words for everything that words pick out, now that this asset is there too; None if there are none."""
        everything = [*self.assets.values(), asset]
        descriptions = dict(self.descriptions)
        for name, known in self.descriptions.items():
            if fitting(known.noun, known.adjectives, [self.assets[name], asset])[1] > Fit.NO:
                again = name_among(self.assets[name], everything)
                if again is None:
                    return None
                descriptions[name] = again
        if part.name in self._phrased:
            own = name_among(asset, everything)
            if own is None:
                return None
            descriptions[part.name] = own
        return descriptions


def choose_cast(plot: Plot, index: AssetCatalog, rng: np.random.Generator, graspable: Graspability | None) -> Cast:
    """An asset for every part, drawn at random among those that fit together.

    Raises:
        ImpossibleTask: naming the role for which nothing is left most often.
    """
    shelves = {key: _shelf(*key, plot, index) for key in {(part.role, part.ingredient) for part in plot.parts}}
    stuck: list[str] = []
    for _ in range(TRIES):
        cast = Cast(plot, index, graspable)
        missing = _fill(cast, plot.parts, shelves, rng)
        if missing is None:
            return cast
        stuck.append(missing)
    role = max(set(stuck), key=lambda name: (stuck.count(name), name))
    number = max(len(shelf) for (name, _), shelf in shelves.items() if name == role)
    fits = "can be grasped and fits" if any(part.name in plot.moved for part in plot.of(role)) else "fits"
    raise ImpossibleTask(
        f"task {plot.task.name!r}: none of {number} assets for {role!r} {fits} the others: widen its filters, or build "
        "more assets"
    )


def _shelf(role: str, ingredient: str | None, plot: Plot, index: AssetCatalog) -> list[Asset]:
    shelf = candidates(index, plot.task.roles.get(role, plot.task.distractors))
    if ingredient is None:
        return shelf
    allowed = {asset.id for asset in candidates(index, plot.task.ingredients[ingredient])}
    return [asset for asset in shelf if asset.id in allowed]


def _fill(
    cast: Cast, parts: Iterable[Part], shelves: Mapping[Label, Sequence[Asset]], rng: np.random.Generator
) -> str | None:
    """Add an asset for every part; the role that nothing fits, if there is one. Distractors may be fewer than drawn."""
    for part in parts:
        shelf = shelves[part.role, part.ingredient]
        if not any(cast.add(part, shelf[i]) for i in rng.permutation(len(shelf))):
            if part.role == DISTRACTORS and part.number >= cast.plot.task.distractors.bounds[0]:
                return None
            return part.role
    return None
