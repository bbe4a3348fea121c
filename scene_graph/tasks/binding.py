"""From the relations of a task file, which speak of roles, to relations between nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from pydantic import JsonValue, TypeAdapter, ValidationError

from scene_graph.relations import AnyRelation

RelationTemplate: TypeAlias = dict[str, JsonValue]
"""A relation as YAML gives it, with names of roles where a relation has names of nodes."""

Names: TypeAlias = Mapping[str, Sequence[str]]
"""The nodes that each name in a task file stands for."""

_RELATION: TypeAdapter[AnyRelation] = TypeAdapter(AnyRelation)


def bind(template: RelationTemplate, names: Names) -> AnyRelation:
    """The relation between nodes that a template means; in a list, a name of several nodes stands for all of them.

    Raises:
        ValueError: in one line, if it is no relation, or a name stands for several nodes where one is needed.
    """
    try:
        return _RELATION.validate_python({key: _bound(key, value, names) for key, value in template.items()})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        raise ValueError(f"relation {template}: {where + ': ' if where else ''}{first['msg']}") from error


def _bound(key: str, value: JsonValue, names: Names) -> JsonValue:
    if key == "kind":
        return value
    if isinstance(value, list):
        return [one for item in value for one in (names.get(item, [item]) if isinstance(item, str) else [item])]
    if not isinstance(value, str) or value not in names:
        return value
    if len(names[value]) != 1:
        raise ValueError(f"{value!r} stands for {len(names[value])} things, and {key} must be one")
    return names[value][0]
