"""What the adapter in Isaac Sim is asked to draw."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from assets_index.schema import Schema

DONE_FILE = "captured.json"
"""Appears in a job's folder when all its files are written."""


class CaptureCamera(Schema):
    """One camera.

    Attributes:
        prim: its path in the stage.
        output: folder for its pictures.
        width, height: of the pictures, pixels.
    """

    prim: str
    output: Path
    width: int = Field(ge=1)
    height: int = Field(ge=1)


class CaptureJob(Schema):
    """Pictures of one stage.

    Attributes:
        stage: USD file, an absolute path.
        output: folder in which `DONE_FILE` appears.
        frames: time codes 0 to `frames` - 1 are drawn.
        rate: time codes a second.
        subframes: renderings that are accumulated for a picture.
    """

    stage: Path
    output: Path
    frames: int = Field(ge=1)
    rate: float = Field(gt=0.0)
    subframes: int = Field(ge=1)
    cameras: tuple[CaptureCamera, ...] = Field(min_length=1)
