"""Reading what Replicator's BasicWriter wrote for one camera: colours, depth, instance ids, boxes, and the camera.

Layout and names are those of omni.replicator.core in Isaac Sim 6.2: `rgb_0000.png`, `distance_to_image_plane_0000.npy`,
`instance_segmentation_0000.png` with `instance_segmentation_mapping_0000.json`, `bounding_box_2d_tight_0000.npy` with
`bounding_box_2d_tight_prim_paths_0000.json`, and `camera_params_0000.json`, all in one folder or in one for each kind.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from assets_index.errors import EngineError
from assets_index.transforms import Array
from renderers.annotations import Box, frame_ids, mask, mask_box
from renderers.camera import OPENCV_FROM_OPENGL, CameraView
from renderers.frame import Frame
from renderers.scene import BACKGROUND_ID

PIXELS = 0.5
"""How far what is seen in a corner of the picture may be from where it was asked for."""

METRES = 1e-3
ROTATION = 1e-3
"""How far the camera may be from where it was asked for, metres and entries of its rotation matrix."""

WITNESSED, BOX_PIXELS = 100, 3.0
"""A mask of at least so many pixels has a box, whose edges are no farther from those of the mask than this."""


class CaptureIncomplete(EngineError):
    """A file that Isaac Sim should have written is missing or cannot be read; the message names it."""


class CaptureMismatch(EngineError):
    """What Isaac Sim drew is not what was asked for: another camera, another moment, or unknown things."""


@dataclass(frozen=True)
class Capture:
    """One picture.

    Attributes:
        frame: with depth and ids.
        boxes: Replicator's own tight boxes, x1, y1, x2, y2 as it has them, by instance id.
    """

    frame: Frame
    boxes: dict[int, Box]


def read_capture(folder: Path, number: int, view: CameraView, things: Mapping[str, int]) -> Capture:
    """Read picture `number` of a camera and check that it shows what was asked for.

    Args:
        folder: of one camera.
        number: from 0, in the order in which they were drawn.
        view: the camera that was asked for.
        things: instance ids by the path of the prim that carries the label.

    Raises:
        CaptureIncomplete: if a file is missing or broken.
        CaptureMismatch: if camera, size or things are not those asked for.
    """
    files = _Files(folder, number)
    size = (view.height, view.width)
    rgb = files.image("rgb")
    depth = files.array("distance_to_image_plane")
    coded = files.image("instance_segmentation")
    if rgb.shape[:2] != size or depth.shape[:2] != size or coded.shape[:2] != size:
        raise CaptureMismatch(f"{files} is not {view.width} × {view.height} pixels")
    check_camera(files.json("camera_params"), view, str(files))
    frame = Frame(
        view=view,
        rgb=np.ascontiguousarray(rgb[..., :3]),
        depth=depth.reshape(size).astype(np.float32),
        ids=_instance_ids(coded, _owners(files), things, str(files)),
    )
    boxes = _boxes(files, things)
    _check_boxes(frame, boxes, str(files))
    return Capture(frame, boxes)


def _check_boxes(frame: Frame, boxes: Mapping[int, Box], where: str) -> None:
    """Masks and boxes come from two annotators: they lie on each other, or one of them speaks of other things."""
    for number in set(np.unique(frame_ids(frame)).tolist()) - {BACKGROUND_ID}:
        seen = mask(frame, number)
        outline = mask_box(seen)
        if outline is None or seen.sum() < WITNESSED:
            continue
        if number not in boxes or np.abs(np.subtract(boxes[number], outline)).max() > BOX_PIXELS:
            raise CaptureMismatch(f"{where}: the mask of instance {number} does not lie in Replicator's box for it")


def check_camera(params: Mapping[str, Any], view: CameraView, where: str) -> None:
    """Compare the camera that drew with the one asked for; raises CaptureMismatch. `where` begins the message."""
    try:
        # Row vectors: a point times the matrix.
        projection = np.array(params["cameraProjection"], float).reshape(4, 4)
        T_camera_world = np.array(params["cameraViewTransform"], float).reshape(4, 4).T
    except (KeyError, TypeError, ValueError) as error:
        raise CaptureIncomplete(f"{where}: camera_params lack a projection or a view transform") from error
    drawn = projection_intrinsics(projection, view.width, view.height)
    corners = np.array([(0, 0, 1), (view.width, 0, 1), (0, view.height, 1), (view.width, view.height, 1)], float)
    if not np.abs(corners @ (drawn @ np.linalg.inv(view.K)).T - corners).max() <= PIXELS:  # also where it is NaN
        raise CaptureMismatch(f"{where}: drawn with K {drawn.round(2).tolist()}, not {view.K.round(2).tolist()}")
    off = np.abs(T_camera_world @ view.T_world_camera @ OPENCV_FROM_OPENGL - np.eye(4))
    if not (off[:3, 3].max() <= METRES and off[:3, :3].max() <= ROTATION):
        far = f"{1e3 * off[:3, 3].max():.1f} mm and {off[:3, :3].max():.3f} rad"
        raise CaptureMismatch(f"{where}: the camera stood off by {far}: another moment, or another camera")


def projection_intrinsics(projection: Array, width: int, height: int) -> Array:
    """K (3, 3) of an OpenGL projection matrix (4, 4) for row vectors."""
    fx, fy = projection[0, 0] * width / 2, projection[1, 1] * height / 2
    cx, cy = (1 - projection[2, 0]) * width / 2, (1 + projection[2, 1]) * height / 2
    return np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])


class _Files:
    """The files of one picture, wherever in the camera's folder the writer put them."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        self._number = number

    def __str__(self) -> str:
        return f"{self._folder}: picture {self._number}"

    def image(self, kind: str) -> NDArray[np.uint8]:
        """A PNG as RGB or RGBA."""
        path = self._path(kind, "png")
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if image is None or image.ndim != 3 or image.dtype != np.uint8:
            raise CaptureIncomplete(f"{path}: no picture with 8 bits a colour")
        order = cv2.COLOR_BGRA2RGBA if image.shape[2] == 4 else cv2.COLOR_BGR2RGB
        return np.asarray(cv2.cvtColor(image, order), np.uint8)

    def array(self, kind: str) -> NDArray[Any]:
        """A NumPy file."""
        path = self._path(kind, "npy")
        try:
            return np.asarray(np.load(path, allow_pickle=False))
        except (ValueError, EOFError, OSError) as error:
            raise CaptureIncomplete(f"{path}: no NumPy array") from error

    def json(self, kind: str) -> Any:
        """A JSON file."""
        path = self._path(kind, "json")
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise CaptureIncomplete(f"{path}: no JSON") from error

    def _path(self, kind: str, ending: str) -> Path:
        name = f"{kind}_{self._number:04d}.{ending}"
        path = next(self._folder.rglob(name), None)
        if path is None:
            raise CaptureIncomplete(f"{self._folder}: Isaac Sim has not written {name}")
        return path


def _owners(files: _Files) -> dict[tuple[int, ...], str]:
    """The prim, or the word for none, that each colour stands for; keys are "(r, g, b, a)"."""
    kind = "instance_segmentation_mapping"
    try:
        return {tuple(map(int, ast.literal_eval(key))): str(owner) for key, owner in files.json(kind).items()}
    except (AttributeError, SyntaxError, TypeError, ValueError) as error:
        raise CaptureIncomplete(f"{files}: {kind} does not map colours to prims") from error


def _instance_ids(
    coded: NDArray[np.uint8], owners: Mapping[tuple[int, ...], str], things: Mapping[str, int], where: str
) -> NDArray[np.uint16]:
    """Instance ids (H, W) of colours that stand for prims; what has no label is background."""
    colors, index = np.unique(coded.reshape(-1, coded.shape[2]), axis=0, return_inverse=True)
    ids = np.full(len(colors), BACKGROUND_ID, np.uint16)
    for i, color in enumerate(colors.tolist()):
        owner = owners.get(tuple(color))
        if owner is None and any(color[:3]):
            raise CaptureMismatch(f"{where}: colour {tuple(color)} stands for nothing")
        if owner is not None and owner.startswith("/"):
            ids[i] = thing_id(owner, things, where)
    return ids[index.reshape(coded.shape[:2])]


def thing_id(path: str, things: Mapping[str, int], where: str) -> int:
    """Instance id of the thing that a prim is, or is part of; raises CaptureMismatch if it is none."""
    for thing, number in things.items():
        if path == thing or path.startswith(thing + "/"):
            return number
    raise CaptureMismatch(f"{where}: {path} is not among the things that were to be drawn")


def _boxes(files: _Files, things: Mapping[str, int]) -> dict[int, Box]:
    rows, paths = files.array("bounding_box_2d_tight"), files.json("bounding_box_2d_tight_prim_paths")
    try:
        edges = np.stack([rows[edge] for edge in ("x_min", "y_min", "x_max", "y_max")], 1).astype(float).tolist()
        pairs = list(zip(paths, edges, strict=True))
    except (IndexError, TypeError, ValueError) as error:
        raise CaptureIncomplete(f"{files}: bounding_box_2d_tight has no row with edges for each prim") from error
    return {thing_id(path, things, str(files)): (x1, y1, x2, y2) for path, (x1, y1, x2, y2) in pairs}
