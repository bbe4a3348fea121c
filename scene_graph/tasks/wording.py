"""How a task and its steps are said."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assets_index.asset import Asset
from scene_graph.plurals import plural

USUAL_WORDS = {
    "in": "Put {target} into {container}",
    "on": "Move {target} to the top of {container}",
    "stacked_on": "Stack {target} on {container}",
    "near": "Put {target} next to {container}",
}
"""What a step says that has no words of its own, by the first relation of its goal."""

PHRASE, ALL, LIST, RECIPE, INSCRIPTION = "", "all", "list", "recipe", "inscription"
FORMS = (PHRASE, ALL, LIST, RECIPE, INSCRIPTION)
"""What can be asked of a role in a wording; see `RoleWords`."""


@dataclass(frozen=True)
class RoleWords:
    """The words for a role; in a wording, {role} is the first of its things.

    Attributes:
        number: of its things.
        phrases: a noun phrase for each thing, e.g. "the red block"; none where no words ask for them.
        shared: the noun that all its things share, or None.
        labels: the names of its things in their recipe.
        inscriptions: what can be read on them.
    """

    number: int
    phrases: tuple[str, ...] = ()
    shared: str | None = None
    labels: tuple[str, ...] = ()
    inscriptions: tuple[str, ...] = ()

    def __format__(self, spec: str) -> str:
        return self.phrases[0]

    @property
    def all(self) -> str:
        """E.g. "the cans", or "the can" where there is one."""
        noun = str(self.shared)
        return f"the {plural(noun) if self.number > 1 else noun}"

    @property
    def list(self) -> str:
        """Every thing, e.g. "the red block, the can and the blue block"."""
        return enumeration(self.phrases)

    @property
    def recipe(self) -> str:
        """E.g. "bread, lettuce and bread"."""
        return enumeration(self.labels)

    @property
    def inscription(self) -> str:
        """What can be read on the first thing, e.g. "$7"."""
        return self.inscriptions[0]


def enumeration(words: Sequence[str]) -> str:
    """E.g. "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def fields(text: str) -> tuple[tuple[str, str], ...]:
    """The roles that a wording speaks of, each with the form; raises ValueError if it cannot be read."""
    names = (name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    return tuple((name.split(".", 1)[0], name.partition(".")[2]) for name in names)


def check_words(text: str, names: Sequence[str]) -> None:
    """Raise ValueError unless every field of a wording has a meaning."""
    for name, form in fields(text):
        if name not in names or form not in FORMS:
            forms = ", ".join(filter(None, FORMS))
            raise ValueError(f"words {text!r}: no {{{name}.{form}}}; a role may be followed by .{forms}")


def said(text: str, words: Mapping[str, RoleWords | str]) -> str:
    """A wording with its fields filled in."""
    return text.format(**words)


def in_sequence(instructions: Sequence[str]) -> str:
    """Instructions as one, e.g. "put a on b, then put c on a"."""
    return ", then ".join(text[0].lower() + text[1:] for text in instructions)


def shared_noun(assets: Sequence[Asset]) -> str | None:
    """The category that things share, else their group."""
    for quality in ("category", "group"):
        values = {getattr(asset, quality) for asset in assets}
        if len(values) == 1:
            return str(values.pop())
    return None
