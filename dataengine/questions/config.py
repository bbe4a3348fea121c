"""What is asked of a picture, and how much of it."""

from __future__ import annotations

from pydantic import Field

from assets_index.schema import Schema


class QuestionConfig(Schema):
    """How many questions of each kind are asked of a picture at most, and what may be asked about.

    Attributes:
        min_visible_fraction, min_visible_pixels: a body is not asked for if less of its part within the picture is
            unhidden, if less of it is within the picture, or if fewer pixels show it.
        xml_share: share of answers with coordinates that are written in XML, the others in JSON.
        clearance: free space left around a place where something can be put, metres.
        relation_margin: by how many metres a relation must hold before it is asked about.
        trace_points, region_points: points in an answer of these kinds.
    """

    box: int = Field(default=4, ge=0)
    point: int = Field(default=3, ge=0)
    trace: int = Field(default=2, ge=0)
    affordance: int = Field(default=2, ge=0)
    region: int = Field(default=3, ge=0)
    relation: int = Field(default=3, ge=0)
    count: int = Field(default=2, ge=0)
    min_visible_fraction: float = Field(default=0.3, ge=0.0, le=1.0)
    min_visible_pixels: int = Field(default=60, ge=1)
    xml_share: float = Field(default=0.5, ge=0.0, le=1.0)
    clearance: float = Field(default=0.01, ge=0.0)
    relation_margin: float = Field(default=0.02, ge=0.0)
    trace_points: int = Field(default=8, ge=2)
    region_points: int = Field(default=3, ge=1)
