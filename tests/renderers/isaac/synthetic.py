"""SYNTHETIC files in the layout of Replicator's BasicWriter; Isaac Sim drew none of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array
from renderers.camera import CameraView, frustum

BACKGROUND, UNLABELLED = (0, 0, 0, 0), (0, 0, 0, 255)


def write_capture(
    folder: Path,
    number: int,
    *,
    ids: NDArray[np.integer],
    depth: NDArray[np.floating],
    paths: Mapping[int, str],
    params: Mapping[str, object],
    rgb: NDArray[np.uint8] | None = None,
    subfolders: bool = False,
) -> None:
    """One picture; `paths` are the labelled prims by the ids in `ids`, 0 is the unlabelled floor or nothing."""

    def path(kind: str, ending: str) -> Path:
        made = folder / kind.split("_mapping")[0].split("_prim")[0] if subfolders else folder
        made.mkdir(parents=True, exist_ok=True)
        return made / f"{kind}_{number:04d}.{ending}"

    colors = {0: UNLABELLED, **{each: (40 + 7 * each, 255 - each, 25, 255) for each in paths}}
    coded = np.zeros((*ids.shape, 4), np.uint8)
    for each, color in colors.items():
        coded[ids == each] = color
    owners = {str(BACKGROUND): "BACKGROUND", str(UNLABELLED): "UNLABELLED"}
    owners |= {str(colors[each]): prim for each, prim in paths.items() if (ids == each).any()}
    if rgb is None:
        rgb = coded[..., :3]
    cv2.imwrite(str(path("rgb", "png")), np.dstack([rgb[..., ::-1], np.full(ids.shape, 255, np.uint8)]))
    cv2.imwrite(str(path("instance_segmentation", "png")), cv2.cvtColor(coded, cv2.COLOR_RGBA2BGRA))
    path("instance_segmentation_mapping", "json").write_text(json.dumps(owners))
    np.save(path("distance_to_image_plane", "npy"), depth.astype(np.float32))
    path("camera_params", "json").write_text(json.dumps(params))
    _write_boxes(path("bounding_box_2d_tight", "npy"), path("bounding_box_2d_tight_prim_paths", "json"), ids, paths)


def _write_boxes(rows_file: Path, paths_file: Path, ids: NDArray[np.integer], paths: Mapping[int, str]) -> None:
    fields = [("semanticId", "<u4"), *((name, "<i4") for name in ("x_min", "y_min", "x_max", "y_max"))]
    seen = [each for each in paths if (ids == each).any()]
    rows = np.zeros(len(seen), np.dtype([*fields, ("occlusionRatio", "<f4")]))
    for row, each in zip(rows, seen, strict=True):
        y, x = np.nonzero(ids == each)
        row["x_min"], row["y_min"], row["x_max"], row["y_max"] = x.min(), y.min(), x.max(), y.max()
    np.save(rows_file, rows)
    paths_file.write_text(json.dumps([paths[each] for each in seen]))


def camera_params(view: CameraView) -> dict[str, object]:
    """What Replicator says of a camera, as far as it is read."""
    near, far = 0.02, 20.0
    left, right, bottom, top = frustum(view, near)
    projection = np.zeros((4, 4))
    projection[0, 0], projection[1, 1] = 2 * near / (right - left), 2 * near / (top - bottom)
    projection[2] = (
        (right + left) / (right - left),
        (top + bottom) / (top - bottom),
        -(far + near) / (far - near),
        -1.0,
    )
    projection[3, 2] = -2 * far * near / (far - near)
    T_world_camera = view.T_world_camera @ np.diag([1.0, -1.0, -1.0, 1.0])
    return params_of(projection, np.linalg.inv(T_world_camera).T)


def params_of(projection: Array, view_transform: Array) -> dict[str, object]:
    """Matrices for row vectors, as flat lists."""
    return {
        "cameraProjection": np.asarray(projection).ravel().tolist(),
        "cameraViewTransform": np.asarray(view_transform).ravel().tolist(),
        "metersPerSceneUnit": 1.0,
    }
