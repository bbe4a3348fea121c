"""Mesh files to surfaces with one material each, as they stand in the file: no scaling, no turning, no repair."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from assets_index.asset import Material
from assets_index.errors import EngineError, UnusableMesh
from assets_index.transforms import Array

FORMATS = (".glb", ".gltf", ".obj", ".stl", ".ply")
MAX_TEXTURE = 512
_PARSER_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    EOFError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)  # trimesh has no error of its own: its readers raise whatever they trip over
GLASS = np.array([0.80, 0.86, 0.88])  # what see-through parts are drawn with, as far as they are see-through


class UnreadableMesh(EngineError):
    """A mesh file that is missing or that cannot be parsed."""


@dataclass(frozen=True)
class Surface:
    """Triangles of one material in file coordinates.

    Attributes:
        vertices: (V, 3) float; faces: (F, 3) int; uv: (V, 2), v up, or None.
        albedo: (H, W, 3) uint8 sRGB, at most 512 x 512, or None.
    """

    vertices: Array
    faces: NDArray[np.intp]
    uv: Array | None
    material: Material
    albedo: NDArray[np.uint8] | None = None

    def moved(self, matrix: Array) -> Surface:
        """Taken through a homogeneous matrix (4, 4); faces are turned over if it mirrors."""
        vertices = self.vertices @ matrix[:3, :3].T + matrix[:3, 3]
        mirrored = np.linalg.det(matrix[:3, :3]) < 0
        return replace(self, vertices=vertices, faces=self.faces[:, ::-1] if mirrored else self.faces)


class _Mesh(Protocol):
    """The part of trimesh.Trimesh that is read here."""

    vertices: Any
    faces: Any
    visual: Any


def load_surfaces(path: Path) -> list[Surface]:
    """Read a GLB, glTF, OBJ, STL or PLY file with the materials and textures it names.

    Raises:
        UnreadableMesh: if the file is missing, has another format or cannot be parsed.
        UnusableMesh: if it holds no triangles or vertices that are not finite.
    """
    if path.suffix.lower() not in FORMATS:
        raise UnreadableMesh(f"{path}: not a mesh file; known are {', '.join(FORMATS)}")
    if not path.is_file():
        raise UnreadableMesh(f"{path}: no such file")
    surfaces = [_surface(name, mesh) for name, mesh in _meshes(path) if len(mesh.faces)]
    if not surfaces:
        raise UnusableMesh("empty mesh")
    for surface in surfaces:
        if not np.isfinite(surface.vertices).all():
            raise UnusableMesh("mesh has vertices that are not finite")
        if surface.faces.max() >= len(surface.vertices) or surface.faces.min() < 0:
            raise UnusableMesh("mesh has faces without vertices")
    return surfaces


def _meshes(path: Path) -> list[tuple[str, _Mesh]]:
    """Named triangle meshes of a file with the transforms of its scene graph applied."""
    import trimesh  # half a second that a listing of the index need not pay

    try:
        loaded = trimesh.load_scene(path, process=False)
        return [
            (mesh.metadata.get("name", path.stem), mesh) for mesh in loaded.dump() if isinstance(mesh, trimesh.Trimesh)
        ]
    except _PARSER_ERRORS as error:
        raise UnreadableMesh(
            f"{path}: cannot be read: {type(error).__name__}: {' '.join(str(error).split())}"
        ) from error


def _surface(name: str, mesh: _Mesh) -> Surface:
    vertices, faces = np.asarray(mesh.vertices, float), np.asarray(mesh.faces, np.intp)
    visual = mesh.visual
    if visual.kind == "texture" and visual.material is not None:
        material, albedo = _material(name, visual.material)
        uv = None if visual.uv is None or albedo is None else np.asarray(visual.uv, float)[:, :2]
        if uv is not None and np.isfinite(uv).all():
            return Surface(vertices, faces, uv, material, albedo)
        return Surface(vertices, faces, None, material)
    if visual.kind in ("vertex", "face"):
        return _painted(name, vertices, faces, np.asarray(visual.face_colors)[:, :3])
    return Surface(vertices, faces, None, Material(name=name, color=(0.7, 0.7, 0.7)))


def _painted(name: str, vertices: Array, faces: NDArray[np.intp], colors: NDArray[np.uint8]) -> Surface:
    """Colours of faces as a palette texture of at most 64 x 64 colours, one texel each."""
    quantized, index = np.unique(colors & 0xF8 | 0x04, axis=0, return_inverse=True)
    if len(quantized) == 1:
        red, green, blue = (float(c) / 255 for c in colors.mean(0))
        return Surface(vertices, faces, None, Material(name=name, color=(red, green, blue)))
    index = np.minimum(index.ravel(), 64 * 64 - 1)
    side = int(np.ceil(np.sqrt(index.max() + 1)))
    albedo = np.zeros((side, side, 3), np.uint8)
    albedo.reshape(-1, 3)[: min(len(quantized), side * side)] = quantized[: side * side]
    texel = np.stack([(index % side + 0.5) / side, 1 - (index // side + 0.5) / side], -1)
    return Surface(
        vertices[faces].reshape(-1, 3),
        np.arange(3 * len(faces)).reshape(-1, 3),
        np.repeat(texel, 3, axis=0),
        Material(name=name),
        np.repeat(np.repeat(albedo, 8, 0), 8, 1),
    )


def _material(name: str, material: Any) -> tuple[Material, NDArray[np.uint8] | None]:
    """Our material and its map from a trimesh SimpleMaterial (OBJ) or PBRMaterial (glTF)."""
    label = str(getattr(material, "name", None) or name)
    if hasattr(material, "baseColorFactor"):
        factor, image = material.baseColorFactor, material.baseColorTexture
        roughness = 0.6 if material.roughnessFactor is None else float(material.roughnessFactor)
        metallic = 0.0 if material.metallicFactor is None else float(material.metallicFactor)
        color = np.ones(4) if factor is None else _unit_color(factor)
        # Without its maps, a factor of 1 would make mirrors of painted things.
        if material.metallicRoughnessTexture is not None:
            roughness, metallic = max(0.4, 0.6 * roughness), 0.0
    else:
        factor, image = material.diffuse, material.image
        color = _unit_color(factor)
        shininess = float(material.kwargs.get("ns", 10.0)) if material.kwargs else 10.0
        roughness, metallic = float(np.clip(np.sqrt(2 / (max(shininess, 0.0) + 2)), 0.15, 0.9)), 0.0
        color[3] = _opacity(material.kwargs or {})
        if image is not None:
            color[:3] = 1.0  # exporters leave any grey beside a map, and viewers ignore it
    albedo = _texture(image)
    blended = color[:3] * color[3] + GLASS * (1 - color[3])
    red, green, blue = (float(c) for c in blended)
    made = Material(name=label, color=(red, green, blue), roughness=min(max(roughness, 0.0), 1.0), metallic=metallic)
    return made, albedo


def _opacity(properties: dict[str, Any]) -> float:
    """The "d" of an OBJ material; exporters disagree about "Tr", so it is left alone."""
    value = properties.get("d", 1.0)
    try:
        return float(np.clip(float(value[0] if isinstance(value, list) else value), 0, 1))
    except (TypeError, ValueError, IndexError):
        return 1.0


def _unit_color(color: Any) -> Array:
    values = np.asarray(color, float).ravel()
    if np.asarray(color).dtype.kind in "iu":
        values = values / 255
    return np.clip(np.concatenate([values, np.ones(4)])[:4] if len(values) < 4 else values[:4], 0, 1)


def _texture(image: Image.Image | None) -> NDArray[np.uint8] | None:
    if image is None:
        return None
    try:
        if image.mode in ("RGBA", "LA", "P"):
            layer = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", layer.size, (255, 255, 255, 255)), layer)
        image = image.convert("RGB")
        scale = MAX_TEXTURE / max(image.size)
        if scale < 1:
            size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
            image = image.resize(size, Image.Resampling.LANCZOS)
    except (OSError, UnidentifiedImageError, ValueError) as error:
        raise UnreadableMesh(f"texture cannot be decoded: {error}") from error
    return np.asarray(image, np.uint8).copy()
