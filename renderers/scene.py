"""What there is to draw, in no engine's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from assets_index.asset import VisualPart
from assets_index.transforms import Array

if TYPE_CHECKING:
    from assets_index.surface_library import SurfaceLibrary

BodyKind = Literal["object", "container", "table", "robot"]

BACKGROUND_ID = 0

TABLE_TOP = "table_top"
"""Name of the material whose part of a table takes the look's table texture."""


@dataclass(frozen=True)
class RenderBody:
    """A rigid body with its surface.

    Attributes:
        name: key of its pose.
        instance_id: value of its pixels in `Frame.ids`, 1..65535; all links of a robot share one, and so do a
            thing and its moving parts.
        parts: visual parts in the body's frame.
        material: what it is said to be made of, e.g. "wooden"; None where nothing is.
    """

    name: str
    kind: BodyKind
    instance_id: int
    parts: tuple[VisualPart, ...]
    material: str | None = None


def procedural_surfaces() -> SurfaceLibrary:
    """The surfaces that are there without an index."""
    # Imported when asked for: whoever reads shards knows scenes, but needs nothing that paints textures.
    from assets_index.surface_library import PROCEDURAL

    return PROCEDURAL


@dataclass(frozen=True)
class RenderScene:
    """Bodies to be drawn; where they are comes with every picture (`Poses`).

    Attributes:
        floor_height: z of the floor under the table, metres; the floor is background.
        surfaces: textures and domes that looks name.
    """

    bodies: tuple[RenderBody, ...]
    floor_height: float = -0.75
    surfaces: SurfaceLibrary = field(default_factory=procedural_surfaces)

    def instance_ids(self) -> dict[str, int]:
        """Instance id by body name."""
        return {body.name: body.instance_id for body in self.bodies}


Poses = Mapping[str, Array]
"""T_world_body, (4, 4), by body name."""
