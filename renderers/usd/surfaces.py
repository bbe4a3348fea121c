"""Pieces of surface in USD: meshes with UsdPreviewSurface materials, and textures beside the stage."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Usd, UsdGeom, UsdShade, Vt

from assets_index.asset import VisualPart
from assets_index.srgb import linear_from_srgb
from renderers.drawables import Drawable
from renderers.usd.paths import MATERIALS
from renderers.usd.saving import write_image

Types = Sdf.ValueTypeNames


class Surfaces:
    """Puts pieces of surface into a stage. Each map is written once, as a PNG in `folder`/textures."""

    def __init__(self, stage: Usd.Stage, folder: Path) -> None:
        self._stage = stage
        self._folder = folder
        self._textures: dict[int, str] = {}
        self._pieces: list[Drawable] = []
        UsdGeom.Scope.Define(stage, MATERIALS)

    def add(self, path: str, piece: Drawable) -> UsdGeom.Mesh:
        """A mesh at `path` with a material of its own."""
        mesh = define_mesh(self._stage, path, piece.part)
        material = self._material(f"{MATERIALS}/surface_{len(self._pieces)}", piece)
        self._pieces.append(piece)  # keeps the maps, so that no other array can have their identity
        UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(material)
        return mesh

    def _material(self, path: str, piece: Drawable) -> UsdShade.Material:
        material = UsdShade.Material.Define(self._stage, path)
        surface = _shader(self._stage, f"{path}/Surface", "UsdPreviewSurface")
        roughness, metallic = (surface.CreateInput(name, Types.Float) for name in ("roughness", "metallic"))
        roughness.Set(piece.roughness)
        metallic.Set(piece.metallic)
        if piece.maps is not None and piece.maps.roughness_metallic is not None:
            packed = self._numbers(f"{path}/RoughnessMetallic", piece.maps.roughness_metallic)
            roughness.ConnectToSource(packed.CreateOutput("g", Types.Float))
            metallic.ConnectToSource(packed.CreateOutput("b", Types.Float))
        if piece.maps is not None and piece.maps.normals is not None:
            normals = self._numbers(f"{path}/Normals", piece.maps.normals)
            normals.CreateInput("scale", Types.Float4).Set(Gf.Vec4f(2.0, 2.0, 2.0, 1.0))
            normals.CreateInput("bias", Types.Float4).Set(Gf.Vec4f(-1.0, -1.0, -1.0, 0.0))
            surface.CreateInput("normal", Types.Normal3f).ConnectToSource(normals.CreateOutput("rgb", Types.Float3))
        diffuse = surface.CreateInput("diffuseColor", Types.Color3f)
        color = Gf.Vec3f(*linear_from_srgb(piece.part.material.color).tolist())
        if piece.part.albedo is None:
            diffuse.Set(color)
        else:
            diffuse.ConnectToSource(self._albedo(path, piece.part.albedo, color))
        material.CreateSurfaceOutput().ConnectToSource(surface.CreateOutput("surface", Types.Token))
        return material

    def _albedo(self, path: str, image: NDArray[np.uint8], color: Gf.Vec3f) -> UsdShade.Output:
        """The colour of a texture times `color`."""
        texture = self._reader(f"{path}/Albedo", image, "sRGB")
        texture.CreateInput("scale", Types.Float4).Set(Gf.Vec4f(*color, 1.0))
        return texture.CreateOutput("rgb", Types.Float3)

    def _numbers(self, path: str, image: NDArray[np.uint8]) -> UsdShade.Shader:
        """A map of plain numbers."""
        return self._reader(path, image, "raw")

    def _reader(self, path: str, image: NDArray[np.uint8], color_space: str) -> UsdShade.Shader:
        """What looks up a map at the texture coordinates, which are read anew for each."""
        reader = _shader(self._stage, f"{path}Coordinates", "UsdPrimvarReader_float2")
        reader.CreateInput("varname", Types.String).Set("st")
        texture = _shader(self._stage, path, "UsdUVTexture")
        texture.CreateInput("file", Types.Asset).Set(self._texture(image))
        texture.CreateInput("sourceColorSpace", Types.Token).Set(color_space)
        texture.CreateInput("wrapS", Types.Token).Set("repeat")
        texture.CreateInput("wrapT", Types.Token).Set("repeat")
        texture.CreateInput("st", Types.Float2).ConnectToSource(reader.CreateOutput("result", Types.Float2))
        return texture

    def _texture(self, image: NDArray[np.uint8]) -> str:
        """Path of a map's file, relative to the stage."""
        if id(image) not in self._textures:
            name = f"textures/map_{len(self._textures)}.png"
            write_image(self._folder / name, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
            self._textures[id(image)] = f"./{name}"
        return self._textures[id(image)]


def define_mesh(stage: Usd.Stage, path: str, part: VisualPart) -> UsdGeom.Mesh:
    """The triangles of a part, with normals and texture coordinates."""
    mesh = define_triangles(stage, path, part.vertices, part.faces)
    mesh.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(part.normals, np.float32)))
    mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    if part.uv is not None:
        coordinates = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar("st", Types.TexCoord2fArray, UsdGeom.Tokens.vertex)
        coordinates.Set(Vt.Vec2fArray.FromNumpy(np.ascontiguousarray(part.uv, np.float32)))
    return mesh


def define_triangles(
    stage: Usd.Stage, path: str, vertices: NDArray[np.floating], faces: NDArray[np.integer]
) -> UsdGeom.Mesh:
    """A bare triangle mesh: vertices (V, 3) in metres, faces (F, 3)."""
    mesh = UsdGeom.Mesh.Define(stage, path)
    points = np.ascontiguousarray(vertices, np.float32)
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(faces), 3, np.int32)))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(faces, np.int32).ravel()))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    mesh.CreateExtentAttr([Gf.Vec3f(*points.min(0).tolist()), Gf.Vec3f(*points.max(0).tolist())])
    return mesh


def _shader(stage: Usd.Stage, path: str, kind: str) -> UsdShade.Shader:
    shader = UsdShade.Shader.Define(stage, path)
    shader.CreateIdAttr(kind)
    return shader
