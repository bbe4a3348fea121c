"""What a person or a catalogue says of a mesh before anything is measured."""

from __future__ import annotations

from assets_index.asset import Attributes, Role
from assets_index.schema import Schema


class Description(Schema):
    """Said of a mesh; what is None is measured or left open.

    Attributes:
        role: what it is for.
        category: the noun, singular; `group`: the wider kind.
        name: noun phrase; by default the category with its attributes.
        attributes: words that are known to be true; the others are measured.
        mass: kilograms.
        friction: sliding friction coefficient.
    """

    role: Role
    category: str
    group: str
    name: str | None = None
    synonyms: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    attributes: Attributes = Attributes()
    mass: float | None = None
    friction: float = 1.0
