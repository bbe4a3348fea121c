"""Photographed textures: sets of maps, told apart by their names as Poly Haven and ambientCG give them.

`rusty_metal_diff_4k.jpg`, `rusty_metal_nor_gl_4k.exr`, `rusty_metal_arm_4k.jpg`; `Wood051_2K-JPG_Color.jpg`,
`Wood051_2K-JPG_NormalGL.jpg`, `Wood051_2K-JPG_Roughness.jpg`. Maps of what is not drawn (displacement) are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from assets_index.ingest.pictures import UnusableSurface, read_picture
from assets_index.srgb import linear_from_srgb, srgb_from_linear
from assets_index.transforms import Array

FORMATS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".exr")

MOST_PIXELS = 1024
"""Greatest edge of a stored map."""

_NAMES = {
    "albedo": ("color", "col", "diff", "diffuse", "albedo", "basecolor", "base_color"),
    "normal": ("normalgl", "nor_gl", "normal_gl", "normal", "nor", "norm"),
    "normal_directx": ("normaldx", "nor_dx", "normal_dx"),
    "roughness": ("roughness", "rough"),
    "metallic": ("metalness", "metallic", "metal"),
    "occlusion": ("ambientocclusion", "ambient_occlusion", "occlusion", "ao"),
    "packed": ("arm", "orm"),
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names}
_FILE = re.compile(
    r"(?P<name>.+?)(?:[-_. ]\d+k)?(?:[-_. ](?:jpg|png|exr))?"
    rf"[-_. ](?P<role>{'|'.join(sorted(_ROLES, key=len, reverse=True))})(?:_?0?1)?(?:[-_. ]\d+k)?",
    re.IGNORECASE,
)
_UPRIGHT = 0.5  # least mean z of what is a normal map; a colour picture has about 0


@dataclass(frozen=True)
class Maps:
    """The maps of a texture as `Texture` has them, and the mean values of those that vary."""

    albedo: NDArray[np.uint8]
    roughness: float
    metallic: float
    normals: NDArray[np.uint8] | None
    roughness_map: NDArray[np.uint8] | None
    metallic_map: NDArray[np.uint8] | None


def map_sets(files: Iterable[Path]) -> dict[Path, dict[str, Path]]:
    """Maps by role of every set, by the path that its maps begin with; other files are left out.

    Of several files for one role, e.g. of several sizes, the one whose name comes last is taken.
    """
    sets: dict[Path, dict[str, Path]] = {}
    for path in sorted(files):
        found = _FILE.fullmatch(path.stem)
        if found and path.suffix.lower() in FORMATS:
            role = _ROLES[found["role"].lower()]
            sets.setdefault(path.with_name(found["name"]), {})[role] = path
    return sets


def read_maps(name: str, paths: Mapping[str, Path]) -> Maps:
    """Read a set. Occlusion darkens the albedo, so that all backends draw it; maps that do not vary are left out.

    Raises:
        UnusableSurface: if there is no albedo, or a map is damaged, not square, or not what its name says.
    """
    if "albedo" not in paths:
        raise UnusableSurface(f"{name}: has no map of its colour (…_diff, …_Color, …_albedo), only {', '.join(paths)}")
    albedo = _codes(paths["albedo"], color=True)
    edge = min(len(albedo), MOST_PIXELS)
    packed = _codes(paths["packed"]) if "packed" in paths else None
    occlusion, roughness, metallic = (
        _channel(paths.get(role), packed, number, edge)
        for number, role in enumerate(("occlusion", "roughness", "metallic"))
    )
    color = linear_from_srgb(_resized(albedo, edge))
    if occlusion is not None:
        color = color * occlusion[..., None]
    return Maps(
        albedo=_bytes(srgb_from_linear(color)),
        roughness=0.6 if roughness is None else float(roughness.mean()),
        metallic=0.0 if metallic is None else float(metallic.mean()),
        normals=_normals(paths, edge),
        roughness_map=_varying(roughness),
        metallic_map=_varying(metallic),
    )


def _codes(path: Path, color: bool = False) -> Array:
    """A square map (H, H, 3) in 0..1."""
    picture = read_picture(path)
    if picture.shape[0] != picture.shape[1]:
        raise UnusableSurface(f"{path}: is {picture.shape[1]} x {picture.shape[0]} pixels; a texture is square")
    if picture.dtype.kind != "f":
        return np.asarray(picture / np.iinfo(picture.dtype).max)
    return srgb_from_linear(picture) if color else np.clip(picture, 0.0, 1.0).astype(float)


def _resized(values: Array, edge: int) -> Array:
    return np.asarray(cv2.resize(values, (edge, edge), interpolation=cv2.INTER_AREA))


def _channel(path: Path | None, packed: Array | None, number: int, edge: int) -> Array | None:
    """A map of one value, (edge, edge), from a file of its own or else from the packed one."""
    if path is not None:
        return _resized(_codes(path), edge)[..., 1]
    return None if packed is None else _resized(packed, edge)[..., number]


def _normals(paths: Mapping[str, Path], edge: int) -> NDArray[np.uint8] | None:
    path = paths.get("normal", paths.get("normal_directx"))
    if path is None:
        return None
    normals = 2.0 * _resized(_codes(path), edge) - 1.0
    if "normal" not in paths:
        normals[..., 1] *= -1.0
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-6)
    if normals[..., 2].mean() < _UPRIGHT:
        raise UnusableSurface(f"{path}: is no normal map: its directions do not point out of the surface")
    return _bytes((normals + 1.0) / 2.0)


def _varying(values: Array | None) -> NDArray[np.uint8] | None:
    codes = None if values is None else _bytes(values)
    return None if codes is None or codes.max() - codes.min() <= 1 else codes


def _bytes(values: Any) -> NDArray[np.uint8]:
    return np.rint(255.0 * np.clip(values, 0.0, 1.0)).astype(np.uint8)
