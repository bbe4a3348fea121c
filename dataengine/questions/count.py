"""How many things of a kind are seen, where every one of them is seen well enough to be counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from assets_index.asset import Asset
from assets_index.words import COLORS
from dataengine.questions.sight import ROBOT_COLORS, Sight
from dataengine.questions.wordings import COUNT, COUNT_ON_TABLE, Wordings
from dataengine.samples import GroundingSample
from scene_graph.plurals import plural
from scene_graph.vocabulary import GROUP_NOUNS


@dataclass(frozen=True)
class _Tally:
    """Things of one kind, in words, and the bodies of that kind in the picture."""

    things: str
    bodies: tuple[str, ...]
    wordings: Wordings = COUNT


def write_counts(sight: Sight, count: int) -> list[GroundingSample]:
    """Ask for numbers of things by category, group or colour; every number that occurs is as likely to be asked for.

    Nothing is counted in a picture without things.
    """
    assets = {name: body.asset for name, body in sight.present.bodies.items()}
    if not assets:
        return []
    tallies = [*_tallies(assets), *(_of_any_kind(assets) if sight.held is None else ())]
    tallies = [tally for tally in tallies if set(tally.bodies) <= set(sight.clear)]
    samples = []
    for _ in range(count if tallies else 0):
        numbers = sorted({len(tally.bodies) for tally in tallies})
        number = numbers[sight.rng.integers(len(numbers))]
        alike = [tally for tally in tallies if len(tally.bodies) == number]
        tally = alike[sight.rng.integers(len(alike))]
        question = sight.choose(tally.wordings).format(things=tally.things)
        samples.append(sight.said("count", question, tally.things, tally.bodies, str(number)))
    return samples


def _tallies(assets: Mapping[str, Asset]) -> Iterator[_Tally]:
    """Every kind whose words are true of some bodies and could not be meant of any other."""
    yield from _by_noun(assets, lambda asset: asset.category)
    yield from _by_noun(assets, lambda asset: asset.group if asset.group in GROUP_NOUNS else None)


def _of_any_kind(assets: Mapping[str, Asset]) -> Iterator[_Tally]:
    """Objects of each colour that a robot has not, which might be counted, too."""
    for tally in _by_color("objects", assets):
        if tally.things.split(" ")[0] not in ROBOT_COLORS:
            yield replace(tally, wordings=COUNT_ON_TABLE)


def _by_noun(assets: Mapping[str, Asset], noun_of: Callable[[Asset], str | None]) -> Iterator[_Tally]:
    nouns = {noun_of(asset) for asset in assets.values()} - {None}
    for noun in sorted(map(str, nouns)):
        things = plural(noun)
        members = {name: asset for name, asset in assets.items() if noun_of(asset) == noun}
        others = [asset for name, asset in assets.items() if name not in members]
        if not any(_may_be_called(asset, noun) for asset in others):
            yield _Tally(things, tuple(members))
            yield from _by_color(things, members)


def _by_color(things: str, assets: Mapping[str, Asset]) -> Iterator[_Tally]:
    """Tallies for each colour, none of that colour included, if the colour of every thing is certain."""
    colors = {name: asset.attributes.color for name, asset in assets.items()}
    if None not in colors.values():
        for color in COLORS:
            yield _Tally(f"{color} {things}", tuple(name for name, word in colors.items() if word == color))


def _may_be_called(asset: Asset, noun: str) -> bool:
    """Whether a person might count it among things called by the noun."""
    names = (asset.category, asset.group, *asset.synonyms)
    return any(name == noun or name.split(" ")[-1] == noun for name in names)
