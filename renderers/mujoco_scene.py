"""A scene under a look as an `MjModel`: every body a mocap body, every piece of surface a mesh geom."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from assets_index.srgb import srgb_from_linear
from assets_index.transforms import quaternion_from_rotation, rotation_z
from renderers.drawables import FLOOR, Drawable, drawables
from renderers.environment import Environment, environment, sample_equirectangular, skybox_directions
from renderers.lighting import LIT_POINT, Lighting, balanced
from renderers.look import Look
from renderers.scene import Poses, RenderScene

NEAR, FAR = 0.02, 20.0
"""Clipping planes, metres."""

SKYBOX_SIZE = 256
SHADOW_MAP = 2048


@dataclass(frozen=True)
class MujocoScene:
    """A compiled scene.

    Attributes:
        instance_id: (ngeom,) uint16, by geom.
        mocap: mocap index by body name.
    """

    model: mujoco.MjModel
    data: mujoco.MjData
    instance_id: NDArray[np.uint16]
    mocap: dict[str, int]

    def place(self, poses: Poses) -> None:
        """Put every body where it is."""
        for name, index in self.mocap.items():
            self.data.mocap_pos[index] = poses[name][:3, 3]
            self.data.mocap_quat[index] = quaternion_from_rotation(poses[name][:3, :3])
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)


def mujoco_scene(scene: RenderScene, look: Look, width: int, height: int) -> MujocoScene:
    """Compile a scene for pictures of up to `width` x `height` pixels."""
    lighting = balanced(look, scene.surfaces)
    spec = mujoco.MjSpec()
    _configure(spec, width, height)
    _add_lights(spec, look, lighting)
    _add_skybox(spec, look, environment(look.dome.dome_id, scene.surfaces), lighting)
    bodies = {body.name: spec.worldbody.add_body(name=body.name, mocap=True) for body in scene.bodies}
    pieces = drawables(scene, look)
    textures: dict[int, str] = {}
    for number, piece in enumerate(pieces):
        parent = spec.worldbody if piece.body == FLOOR else bodies[piece.body]
        _add_piece(spec, parent, piece, f"piece{number}", textures)
    model = spec.compile()
    ids = np.zeros(model.ngeom, np.uint16)
    for number, piece in enumerate(pieces):
        ids[model.geom(f"piece{number}").id] = piece.instance_id
    mocap = {name: int(model.body(name).mocapid[0]) for name in bodies}
    return MujocoScene(model, mujoco.MjData(model), ids, mocap)


def _configure(spec: mujoco.MjSpec, width: int, height: int) -> None:
    visual = spec.visual
    visual.map.znear, visual.map.zfar = NEAR, FAR
    visual.quality.shadowsize = SHADOW_MAP
    visual.map.shadowclip = 2.0
    getattr(visual, "global").offwidth, getattr(visual, "global").offheight = width, height
    spec.stat.extent = 1.0
    spec.stat.center = [0.4, 0.0, 0.0]


def _add_lights(spec: mujoco.MjSpec, look: Look, lighting: Lighting) -> None:
    """Lights and an ambient part that together give level surfaces the brightness wanted.

    OpenGL's fixed pipeline adds and multiplies sRGB values, so the light is encoded before it is split. The ambient
    part is the headlight's: that of a light which casts shadows is missing in its shadows.
    """
    direction = np.array(look.light.direction)
    slant = max(-direction[2], 0.2)
    ways = [np.subtract(LIT_POINT, lamp.position) for lamp in look.lamps]
    slants = [slant, *(max(-way[2] / np.linalg.norm(way), 0.2) for way in ways)]
    level = np.array([lighting.sun * slant, *lighting.lamps_level])
    ambient = srgb_from_linear(0.8 * lighting.dome_up)
    direct = srgb_from_linear(lighting.dome_up + level.sum(0)) - ambient
    shares = level / np.maximum(level.sum(0), 1e-9)
    headlight = spec.visual.headlight
    headlight.ambient, headlight.diffuse, headlight.specular = ambient, np.zeros(3), np.zeros(3)
    spec.worldbody.add_light(
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        pos=np.array([0.4, 0.0, 0.0]) - 3.0 * direction,
        dir=direction,
        diffuse=direct * shares[0] / slants[0],
        specular=[0.2, 0.2, 0.2],
        castshadow=look.light.casts_shadow,
    )
    for lamp, way, share, cosine in zip(look.lamps, ways, shares[1:], slants[1:], strict=True):
        spec.worldbody.add_light(
            type=mujoco.mjtLightType.mjLIGHT_SPOT,  # the classic renderer draws no point lights
            pos=lamp.position,
            dir=way,
            diffuse=direct * share / cosine,
            specular=[0.1, 0.1, 0.1],
            attenuation=[0.0, 0.0, 1.0 / float(way @ way)],
            cutoff=90.0,
            exponent=0.0,
            castshadow=False,
        )


def _add_skybox(spec: mujoco.MjSpec, look: Look, dome: Environment, lighting: Lighting) -> None:
    directions = skybox_directions(SKYBOX_SIZE) @ rotation_z(look.dome.rotation)
    radiance = sample_equirectangular(dome.panorama, directions) * lighting.dome_scale
    faces = np.round(srgb_from_linear(radiance) * 255).astype(np.uint8)
    _add_image(spec, "sky", mujoco.mjtTexture.mjTEXTURE_SKYBOX, faces)


def _add_piece(
    spec: mujoco.MjSpec, parent: mujoco.MjsBody, piece: Drawable, name: str, textures: dict[int, str]
) -> None:
    part = piece.part
    uv = {} if part.uv is None else {"usertexcoord": (part.uv * [1, -1] + [0, 1]).astype(np.float32).ravel()}
    spec.add_mesh(
        name=name,
        uservert=part.vertices.ravel(),
        usernormal=part.normals.ravel(),
        userface=part.faces.ravel(),
        inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
        **uv,
    )
    material = spec.add_material(
        name=name,
        rgba=[*part.material.color, 1.0],
        specular=0.5 * (1.0 - piece.roughness),
        shininess=1.0 - piece.roughness,
    )
    if part.albedo is not None:
        material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = _texture(spec, part.albedo, textures)
    parent.add_geom(name=name, type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name, material=name, contype=0, conaffinity=0)


def _texture(spec: mujoco.MjSpec, image: NDArray[np.uint8], textures: dict[int, str]) -> str:
    """The name of an albedo map's texture; each array is added once."""
    if id(image) not in textures:
        textures[id(image)] = f"albedo{len(textures)}"
        _add_image(spec, textures[id(image)], mujoco.mjtTexture.mjTEXTURE_2D, image)
    return textures[id(image)]


def _add_image(spec: mujoco.MjSpec, name: str, kind: mujoco.mjtTexture, image: NDArray[np.uint8]) -> None:
    height, width = image.shape[:2]
    texture = spec.add_texture(name=name, type=kind, width=width, height=height, nchannel=3)
    texture.data = np.ascontiguousarray(image).tobytes()
