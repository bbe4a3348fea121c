"""Nouns in the plural."""

from __future__ import annotations

IRREGULAR = {
    "bread": "bread",
    "dice": "dice",
    "fruit": "fruit",
    "knife": "knives",
    "leaf": "leaves",
    "loaf": "loaves",
    "pliers": "pliers",
    "potato": "potatoes",
    "scissors": "scissors",
    "shelf": "shelves",
    "soap": "bars of soap",
    "tomato": "tomatoes",
    "tongs": "tongs",
}


def plural(noun: str) -> str:
    """The plural of an English noun or noun phrase, e.g. "lettuce leaves" for "lettuce leaf"."""
    *words, last = noun.split(" ")
    return " ".join([*words, IRREGULAR.get(last) or _regular(last)])


def _regular(noun: str) -> str:
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"
