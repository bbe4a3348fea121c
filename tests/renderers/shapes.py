"""Simple bodies with exact geometry, and looks and views for them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import trimesh
from numpy.typing import NDArray

from assets_index.asset import Material, VisualPart
from assets_index.transforms import Array, Vec3
from renderers.camera import CameraView, Intrinsics, look_at
from renderers.look import DomeLook, LightLook, Look, SurfaceLook
from renderers.meshes import weld, with_normals
from renderers.scene import TABLE_TOP, BodyKind, RenderBody, RenderScene

WHITE: Vec3 = (1.0, 1.0, 1.0)


def part(mesh: trimesh.Trimesh, color: Vec3 = WHITE, name: str = "plain") -> VisualPart:
    made = with_normals(*weld(mesh.vertices, mesh.faces))
    return VisualPart(made.vertices, made.faces, made.normals, None, Material(name=name, color=color))


def body(
    name: str, instance_id: int, mesh: trimesh.Trimesh, color: Vec3 = WHITE, kind: BodyKind = "object"
) -> RenderBody:
    return RenderBody(name, kind, instance_id, (part(mesh, color),))


def table() -> RenderBody:
    """A slab with its top at z = 0."""
    slab = trimesh.creation.box((1.4, 1.6, 0.04))
    slab.apply_translation((0.4, 0.0, -0.02))
    return RenderBody("table", "table", 1, (part(slab, name=TABLE_TOP),))


def card(albedo: NDArray[np.uint8], size: float = 0.3) -> VisualPart:
    """A square in the plane z = 0 with a picture on it: u along x, v along y."""
    h = size / 2
    return VisualPart(
        vertices=np.array([[-h, -h, 0], [h, -h, 0], [h, h, 0], [-h, h, 0]], np.float32),
        faces=np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        normals=np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
        uv=np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32),
        material=Material(name="card"),
        albedo=albedo,
    )


def at(x: float, y: float, z: float) -> Array:
    pose = np.eye(4)
    pose[:3, 3] = x, y, z
    return pose


@lru_cache
def clutter() -> tuple[RenderScene, dict[str, Array]]:
    """A table with boxes, balls and cylinders, some of them before others."""
    shapes = (
        trimesh.creation.box((0.06, 0.05, 0.12)),
        trimesh.creation.icosphere(4, radius=0.045),
        trimesh.creation.cylinder(0.035, 0.1, sections=64),
        trimesh.creation.torus(0.05, 0.02, 64, 32),
    )
    heights = (0.06, 0.045, 0.05, 0.02)
    spots = np.array([(0.42, 0.1), (0.45, -0.12), (0.55, 0.02), (0.5, 0.2), (0.62, -0.2), (0.36, -0.05), (0.6, 0.2)])
    bodies = [table()]
    poses = {"table": np.eye(4)}
    for i, (x, y) in enumerate(spots):
        color = tuple(float(c) for c in np.random.default_rng(i).uniform(0.2, 0.9, 3))
        bodies.append(body(f"thing{i}", 3 + i, shapes[i % 4], color))  # type: ignore[arg-type]
        poses[f"thing{i}"] = at(x, y, heights[i % 4])
    return RenderScene(tuple(bodies)), poses


def front(width: int = 224, height: int = 224) -> CameraView:
    pose = look_at((-0.3, 0.35, 0.6), (0.5, 0.0, 0.05))
    return CameraView("front", width, height, Intrinsics.of_fov(width, height, 0.7).matrix, pose.matrix)


def plain_look(**changes: object) -> Look:
    look = Look(
        index=0,
        seed=0,
        dome=DomeLook(dome_id="studio-softbox-pair"),
        light=LightLook(direction=(0.4, -0.3, -0.866)),
        table=SurfaceLook(texture_id="wood-oak"),
        floor=SurfaceLook(texture_id="concrete-light"),
    )
    return look.model_copy(update=changes)
