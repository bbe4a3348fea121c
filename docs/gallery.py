"""Draws the contact sheets of gallery.md, always the same ones: `make gallery`, or this file with their names."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from assets_index.domes import dome, dome_ids
from assets_index.gallery import dome_tiles
from assets_index.index import AssetIndex
from assets_index.procedural.library import ensure_library
from assets_index.seeding import Stage, generator
from dataengine.engine.still import Still
from dataengine.overlay import captioned, draw_labels, sheet
from dataengine.pipeline.config import RunConfig
from dataengine.pipeline.ground import drawn_scene, laid_out
from renderers.annotations import annotate
from renderers.backends import Backend, Quality, open_renderer
from renderers.camera import camera_view
from renderers.camera_presets import CameraPreset, camera_spec
from renderers.frame import Frame, Renderer
from renderers.look import Look
from renderers.look_axes import LookConfig
from renderers.sampling import sample_look
from renderers.scene import Poses, RenderScene

FOLDER = Path(__file__).parent / "images" / "gallery"
WIDTH, HEIGHT, COLUMNS = 320, 240, 4
JPEG_QUALITY = 82

LABELS_SCALE = 2
"""Labels are drawn over fewer and larger pictures, so that their words can be read."""

PICTURES: dict[str, tuple[Backend, Quality]] = {
    "Filament, fast": ("filament", "fast"),
    "Filament, quality": ("filament", "quality"),
    "MuJoCo classic": ("classic", "fast"),
    "Mitsuba, fast": ("mitsuba", "fast"),
}

PLAIN = LookConfig.model_validate(
    {
        **{name: {"vary": False} for name in LookConfig.model_fields},
        "dome": {"vary": False, "ids": ["studio-softbox-pair"]},
        "table": {"vary": False, "ids": ["wood-oak"]},
        "floor": {"vary": False, "ids": ["concrete-light"]},
    }
)
"""Nothing varies."""

SHOWN: dict[str, dict[str, object]] = {
    "lamps": {"number": [1, 3]},
    "room": {"share": 1.0},
    "furniture": {"number": [2, 4]},
    "finish": {"tint": 0.3, "grain": 1.0},
    "sensor": {"noise": [0.0, 8.0], "blur": [0.0, 1.2], "white_balance": 0.15, "jpeg_quality": [20, 90]},
    "exposure": {"gain": [0.6, 1.5]},
    "camera": {"world_position": 0.1, "world_rotation": 0.06, "focal": 0.1, "center": 0.05},
}
"""Ranges wider than the usual ones where what they do is hard to see in a small picture."""


@dataclass(frozen=True)
class Setting:
    """A layout to be drawn, and what its things are called."""

    scene: RenderScene
    poses: Poses
    nouns: dict[str, str]

    def look(self, config: LookConfig, index: int) -> Look:
        """The look of that number, whatever the layout."""
        rng = generator(0, Stage.LOOK, 0, index)
        return sample_look(config, index, 0, rng, scene=self.scene, cameras=[CAMERA])

    def frame(self, renderer: Renderer, look: Look) -> Frame:
        """A picture with ids by the camera in front."""
        renderer.open(self.scene, look)
        return renderer.draw(self.poses, camera_view(CAMERA, look, np.eye(4)), ids=True)


CAMERA = camera_spec(CameraPreset(mount="front"), WIDTH, HEIGHT)


@cache
def setting(number: int) -> Setting:
    """The layout of an attempt of a run with seed 0."""
    index, config = AssetIndex.open(), RunConfig()
    ensure_library(index)
    layout = laid_out(number, config, index)
    assert isinstance(layout, Still), f"layout {number}: {layout}"
    nouns = {node.name: index.asset(node.asset_id).category for node in layout.task.scene.nodes}
    return Setting(*drawn_scene(layout, config, index), nouns)


def backends() -> Iterator[NDArray[np.uint8]]:
    """Four layouts under four looks by each backend, a row each."""
    for words, (backend, quality) in PICTURES.items():
        renderer = open_renderer(backend, width=WIDTH, height=HEIGHT, quality=quality)
        for number in range(COLUMNS):
            place = setting(number)
            yield captioned(place.frame(renderer, place.look(LookConfig(), number)).rgb, words, lines=1)
        renderer.close()


def labels() -> Iterator[NDArray[np.uint8]]:
    """Boxes, names and visible shares of everything that is asked about."""
    renderer = open_renderer("filament", width=WIDTH, height=HEIGHT)
    for number in range(COLUMNS):
        place = setting(number)
        frame = place.frame(renderer, place.look(LookConfig(), number))
        bodies = annotate(frame, place.scene, place.poses).bodies
        names = {body.instance_id: place.nouns[body.name] for body in bodies}
        yield draw_labels(frame.rgb, bodies, names, scale=LABELS_SCALE)
    renderer.close()


def domes() -> Iterator[NDArray[np.uint8]]:
    """All around from each procedural dome, twice as wide as high."""
    for tile in dome_tiles(dome(name) for name in dome_ids()):
        yield captioned(tile.picture, tile.caption, lines=1)


def axis(name: str) -> Iterator[NDArray[np.uint8]]:
    """One layout under looks in which this axis varies alone."""
    varying = {**getattr(LookConfig(), name).model_dump(), **SHOWN.get(name, {})}
    config = LookConfig.model_validate({**dict(PLAIN), name: varying})
    renderer = open_renderer("filament", width=WIDTH, height=HEIGHT)
    for index in range(2 * COLUMNS):
        yield setting(1).frame(renderer, setting(1).look(config, index)).rgb
    renderer.close()


def main() -> None:
    """Draw the sheets asked for."""
    sheets = {"backends": backends, "labels": labels, "domes": domes}
    names = [*sheets, *LookConfig.model_fields]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sheets", nargs="*", choices=[[], *names], help="default: all of them")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in parser.parse_args().sheets or names:
        tiles = sheets.get(name, lambda name=name: axis(name))()
        columns = COLUMNS // LABELS_SCALE if name == "labels" else COLUMNS
        picture = cv2.cvtColor(sheet(list(tiles), columns), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(FOLDER / f"{name}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        print(FOLDER / f"{name}.jpg")


if __name__ == "__main__":
    main()
