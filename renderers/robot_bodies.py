"""A robot's links as bodies to be drawn, read from its MJCF."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache

import mujoco
import numpy as np
from numpy.typing import NDArray

from assets_index.asset import Material, VisualPart
from assets_index.cache import Arrays, cached_arrays
from assets_index.decimation import FEWEST_FACES, Triangles, decimated
from assets_index.robot import RobotDescription
from assets_index.robot_model import robot_spec
from assets_index.transforms import apply, rotation_from_quaternion
from renderers.meshes import weld, with_normals
from renderers.scene import RenderBody

ROUGHNESS = 0.45
FORMAT = 3
"""Part of the cache key: raise it when the making of the meshes changes."""


@lru_cache(maxsize=8)
def robot_bodies(description: RobotDescription, instance_id: int, detail: float = 0.06) -> tuple[RenderBody, ...]:
    """One body per link, named as in the MJCF, all with one instance id.

    Only the links at or below `description.base_body` are taken, and of these the visual mesh geoms (those without
    collision). Parts of a link that share a colour are one part.

    Args:
        description: the robot.
        instance_id: the id that all links' pixels carry.
        detail: share of faces kept; 1.0 leaves the meshes as they are.
    """
    key = _cache_key(description, detail)
    arrays = cached_arrays("robot_meshes", key, lambda: _link_arrays(description, detail))
    return tuple(
        RenderBody(link, "robot", instance_id, tuple(_parts(arrays, link))) for link in arrays["links"].tolist()
    )


def _cache_key(description: RobotDescription, detail: float) -> str:
    gripper = description.gripper.mjcf.read_bytes() if description.gripper else b""
    digest = hashlib.sha256(description.mjcf.read_bytes() + gripper).hexdigest()[:12]
    return f"{description.name}-{digest}-{detail:.4f}-{FORMAT}"


def _parts(arrays: Arrays, link: str) -> Iterator[VisualPart]:
    for number, color in enumerate(arrays[f"{link}/colors"]):
        r, g, b = (float(c) for c in color)
        yield VisualPart(
            vertices=arrays[f"{link}/{number}/vertices"],  # type: ignore[arg-type]
            faces=arrays[f"{link}/{number}/faces"],  # type: ignore[arg-type]
            normals=arrays[f"{link}/{number}/normals"],  # type: ignore[arg-type]
            uv=None,
            material=Material(name=f"{link}_{number}", color=(r, g, b), roughness=ROUGHNESS),
        )


def _link_arrays(description: RobotDescription, detail: float) -> dict[str, NDArray[np.generic]]:
    """Flat arrays of all links: `<link>/colors` and `<link>/<part>/vertices|normals|faces`."""
    model = robot_spec(description).compile()
    base = model.body(description.base_body).id
    arrays: dict[str, NDArray[np.generic]] = {}
    links = []
    for body in range(base, model.nbody):
        by_color = _meshes_by_color(model, body)
        if model.body_rootid[body] != model.body_rootid[base] or not by_color:
            continue
        name = model.body(body).name
        links.append(name)
        arrays[f"{name}/colors"] = np.array(list(by_color))
        for number, meshes in enumerate(by_color.values()):
            mesh = with_normals(*_with_detail(*weld(*_joined(meshes)), detail))
            arrays[f"{name}/{number}/vertices"] = mesh.vertices
            arrays[f"{name}/{number}/normals"] = mesh.normals
            arrays[f"{name}/{number}/faces"] = mesh.faces
    arrays["links"] = np.array(links)
    return arrays


def _with_detail(vertices: NDArray[np.float64], faces: NDArray[np.int32], detail: float) -> Triangles:
    """About the share `detail` of the faces; what is small stays whole."""
    most = max(FEWEST_FACES, round(detail * len(faces)))
    return decimated(vertices, faces, most) if most < len(faces) else (vertices, faces)


def _meshes_by_color(model: mujoco.MjModel, body: int) -> dict[tuple[float, float, float], list[Triangles]]:
    """The visual meshes of one body, in its frame, grouped by sRGB colour."""
    groups: dict[tuple[float, float, float], list[Triangles]] = {}
    for geom in range(model.body_geomadr[body], model.body_geomadr[body] + model.body_geomnum[body]):
        visual = model.geom_contype[geom] == 0 and model.geom_conaffinity[geom] == 0
        if model.geom_type[geom] != mujoco.mjtGeom.mjGEOM_MESH or not visual:
            continue
        material = model.geom_matid[geom]
        rgba = model.geom_rgba[geom] if material < 0 else model.mat_rgba[material]
        mesh = model.geom_dataid[geom]
        vertices = model.mesh_vert[model.mesh_vertadr[mesh] :][: model.mesh_vertnum[mesh]]
        faces = model.mesh_face[model.mesh_faceadr[mesh] :][: model.mesh_facenum[mesh]]
        to_body = np.eye(4)
        to_body[:3, :3] = rotation_from_quaternion(model.geom_quat[geom])
        to_body[:3, 3] = model.geom_pos[geom]
        color = (float(rgba[0]), float(rgba[1]), float(rgba[2]))
        groups.setdefault(color, []).append((apply(to_body, vertices), faces))
    return groups


def _joined(meshes: list[Triangles]) -> Triangles:
    offsets = np.cumsum([0, *(len(vertices) for vertices, _ in meshes[:-1])])
    return (
        np.concatenate([vertices for vertices, _ in meshes]),
        np.concatenate([faces + offset for (_, faces), offset in zip(meshes, offsets, strict=True)]),
    )
