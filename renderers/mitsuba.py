"""Path-traced pictures by Mitsuba 3, denoised: light that bounces, soft where Filament approximates.

Seconds a picture instead of Filament's tenths: for the pictures that have to look like photographs.
https://mitsuba.readthedocs.io
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets_index.srgb import linear_from_srgb
from assets_index.transforms import Array, apply, rotation_z
from renderers.backends import Quality
from renderers.camera import CameraView
from renderers.drawables import FLOOR, Drawable, drawables
from renderers.environment import environment
from renderers.frame import Frame
from renderers.lighting import LIT_POINT, balanced
from renderers.look import Look
from renderers.mitsuba_variant import load_mitsuba
from renderers.scene import BACKGROUND_ID, Poses, RenderScene
from renderers.tone_mapping import tone_mapped

NEAR, FAR = 0.02, 20.0
"""Clipping planes, metres."""

SAMPLES: dict[Quality, int] = {"fast": 16, "quality": 64}
"""Paths a pixel."""

METER_SAMPLES, CARD_SIZE = 4096, 0.05
"""Paths by which the light on a white card is measured, and half the card's edge, metres."""

LONGEST_PATH = 6
"""Surfaces and lights on a path."""

DOME_TO_WORLD = np.array([[0.0, 0.0, -1.0, 0.0], [-1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
"""Mitsuba's panoramas have y up and run the other way round: ours is mirrored, and turned by this."""


class MitsubaRenderer:
    """Path tracing with the same looks as the other backends. All lights cast shadows, whatever the look says.

    Frames depend on the scene, the look and the order of drawing since `open`, and on which variant of Mitsuba drew.

    Attributes:
        name: "mitsuba" and its variant.
        width, height: pixels of every picture.

    Raises:
        RendererUnavailable: if Mitsuba is not installed.
    """

    def __init__(self, width: int, height: int, samples: int = SAMPLES["fast"]) -> None:
        self.name = f"mitsuba {load_mitsuba().variant()}"
        self.width, self.height = width, height
        self._samples = samples
        self._stage: _Stage | None = None

    def open(self, scene: RenderScene, look: Look) -> None:
        """Hand a scene to Mitsuba."""
        self.close()
        self._stage = _Stage(scene, look)

    def draw(self, poses: Poses, view: CameraView, *, depth: bool = False, ids: bool = False) -> Frame:
        """One picture of the open scene. The view's pixels must be square and its lens ideal."""
        assert self._stage is not None, "open a scene before drawing"
        assert (view.width, view.height) == (self.width, self.height), "the view has another size than the renderer"
        self._stage.place(poses)
        rgb = self._stage.picture(view, self._samples)
        metres, numbers = self._stage.geometry(view) if depth or ids else (None, None)
        return Frame(view=view, rgb=rgb, depth=metres if depth else None, ids=numbers if ids else None)

    def close(self) -> None:
        """Free everything; may be called twice."""
        self._stage = None


class _Stage:
    """One scene under one look, in Mitsuba's terms."""

    def __init__(self, scene: RenderScene, look: Look) -> None:
        self._mitsuba = load_mitsuba()
        self._dome = environment(look.dome.dome_id, scene.surfaces)
        self._lighting = balanced(look, scene.surfaces)
        self._textures: dict[tuple[float, ...], Any] = {}
        self._pieces = {f"piece{i}": piece for i, piece in enumerate(drawables(scene, look))}
        shapes = {name: self._shape(piece) for name, piece in self._pieces.items()}
        # Mitsuba's optimization merges shapes of one material, and with them what tells them apart.
        self._scene = self._mitsuba.load_dict({"type": "scene", **shapes, **self._lights(look)}, optimize=False)
        self._parameters = self._mitsuba.traverse(self._scene)
        self._instance_id = np.array(
            [BACKGROUND_ID, *(self._pieces[shape.id()].instance_id for shape in self._scene.shapes())], np.uint16
        )
        path = {"type": "path", "max_depth": LONGEST_PATH}
        self._paths = self._mitsuba.load_dict({"type": "aov", "aovs": "albedo:albedo,normal:sh_normal", "path": path})
        self._first_hits = self._mitsuba.load_dict({"type": "aov", "aovs": "distance:depth,shape:shape_index"})
        self._gain = np.ones(3) if look.room is None else self._white_balance(shapes, look)
        self._placed: dict[str, Array] = {}
        self._drawn = 0

    def place(self, poses: Poses) -> None:
        """Put every body where it is; vertices are moved, for Mitsuba's instances cannot be told apart."""
        moved = False
        for name, piece in self._pieces.items():
            pose = np.eye(4) if piece.body == FLOOR else poses[piece.body]
            if name in self._placed and np.array_equal(self._placed[name], pose):
                continue
            self._placed[name], moved = pose.copy(), True
            self._parameters[f"{name}.vertex_positions"] = _flat(apply(pose, piece.part.vertices))
            self._parameters[f"{name}.vertex_normals"] = _flat(piece.part.normals @ pose[:3, :3].T)
        if moved:
            self._parameters.update()

    def picture(self, view: CameraView, samples: int) -> NDArray[np.uint8]:
        """The colours, (H, W, 3)."""
        import mitsuba_oidn

        sensor = self._sensor(view, {"type": "independent"})
        layers = self._mitsuba.render(self._scene, sensor=sensor, integrator=self._paths, spp=samples, seed=self._drawn)
        self._drawn += 1
        radiance, albedo, normal = np.split(np.array(layers, np.float32), 3, axis=-1)
        return tone_mapped(self._gain * mitsuba_oidn.denoise(radiance, albedo, normal, hdr=True))

    def geometry(self, view: CameraView) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
        """Depth and instance ids at the centres of the pixels, (H, W) each."""
        sensor = self._sensor(view, {"type": "stratified", "jitter": False})
        layers = np.array(self._mitsuba.render(self._scene, sensor=sensor, integrator=self._first_hits, spp=1))
        distance, shape = layers[..., 0], np.rint(layers[..., 1]).astype(int)
        # Distances are counted along the ray from the near plane on; shapes from 1.
        depth = NEAR + distance / np.linalg.norm(view.pixel_rays(), axis=-1)
        return np.where(shape > 0, depth, np.inf).astype(np.float32), self._instance_id[shape]

    def _white_balance(self, shapes: Mapping[str, Any], look: Look) -> Array:
        """Factors (3,) on colours in a room, whose walls keep out and tint light: white is there what it is outside."""
        background = {name: shape for name, shape in shapes.items() if self._pieces[name].body == FLOOR}
        place = self._mitsuba.ScalarTransform4f().translate(list(LIT_POINT)).scale(CARD_SIZE)
        white = {"type": "diffuse", "reflectance": {"type": "rgb", "value": 1.0}}
        card = {"type": "rectangle", "to_world": place, "white": white}
        lights = self._lights(look)
        scene = self._mitsuba.load_dict({"type": "scene", **background, **lights, "card": card}, optimize=False)
        meter = self._mitsuba.load_dict(
            {
                "type": "radiancemeter",
                "origin": list(np.add(LIT_POINT, (0.0, 0.0, CARD_SIZE))),
                "direction": [0.0, 0.0, -1.0],
                "film": {"type": "hdrfilm", "width": 1, "height": 1, "pixel_format": "rgb", "filter": {"type": "box"}},
            }
        )
        path = self._mitsuba.load_dict({"type": "path", "max_depth": LONGEST_PATH})
        radiance = np.array(self._mitsuba.render(scene, sensor=meter, integrator=path, spp=METER_SAMPLES)).reshape(3)
        return self._lighting.level / np.maximum(radiance, 1e-3)

    def _shape(self, piece: Drawable) -> Any:
        part = piece.part
        properties = self._mitsuba.Properties()
        properties["bsdf"] = self._mitsuba.load_dict(self._material(piece))
        mesh = self._mitsuba.Mesh(
            "",
            vertex_count=len(part.vertices),
            face_count=len(part.faces),
            has_vertex_normals=True,
            has_vertex_texcoords=part.uv is not None,
            props=properties,
        )
        parameters = self._mitsuba.traverse(mesh)
        parameters["vertex_positions"] = _flat(part.vertices)
        parameters["vertex_normals"] = _flat(part.normals)
        parameters["faces"] = np.ascontiguousarray(part.faces, np.uint32).ravel()
        if part.uv is not None:
            parameters["vertex_texcoords"] = _flat(part.uv * [1, -1] + [0, 1])
        parameters.update()
        return mesh

    def _material(self, piece: Drawable) -> dict[str, Any]:
        """Metallic-roughness, seen from both sides."""
        color = linear_from_srgb(piece.part.material.color)
        surface: dict[str, Any] = {
            "type": "principled",
            "base_color": {"type": "rgb", "value": color.tolist()}
            if piece.part.albedo is None
            else self._texture(piece.part.albedo, color),
            "roughness": piece.roughness,
            "metallic": piece.metallic,
        }
        if piece.maps is not None and piece.maps.roughness_metallic is not None:
            surface |= {
                "roughness": self._numbers(piece.maps.roughness_metallic[..., 1]),
                "metallic": self._numbers(piece.maps.roughness_metallic[..., 2]),
            }
        if piece.maps is not None and piece.maps.normals is not None:
            surface = {"type": "normalmap", "normalmap": self._numbers(piece.maps.normals), "bsdf": surface}
        return {"type": "twosided", "surface": surface}

    def _numbers(self, image: NDArray[np.uint8]) -> Any:
        """A map of numbers in 0..1 instead of colours, (H, W) or (H, W, 3)."""
        bitmap = self._mitsuba.Bitmap(np.ascontiguousarray(image / np.float32(255.0), np.float32))
        return self._mitsuba.load_dict({"type": "bitmap", "bitmap": bitmap, "raw": True})

    def _texture(self, albedo: NDArray[np.uint8], color: Array) -> Any:
        # By identity: the pieces keep the array, so no other one can have it.
        key = (id(albedo), *color.tolist())
        if key not in self._textures:
            linear = (linear_from_srgb(albedo / 255.0) * color).astype(np.float32)
            bitmap = self._mitsuba.Bitmap(np.ascontiguousarray(linear))
            self._textures[key] = self._mitsuba.load_dict({"type": "bitmap", "bitmap": bitmap, "raw": True})
        return self._textures[key]

    def _lights(self, look: Look) -> dict[str, Any]:
        lighting = self._lighting
        panorama = self._dome.panorama * lighting.dome_scale
        turn = np.eye(4)
        turn[:3, :3] = rotation_z(look.dome.rotation)
        dome = {
            "type": "envmap",
            "bitmap": self._mitsuba.Bitmap(np.ascontiguousarray(panorama[:, ::-1], np.float32)),
            "to_world": self._mitsuba.ScalarTransform4f(turn @ DOME_TO_WORLD),
        }
        # A white surface reflects 1 / pi of what falls on it into each direction.
        irradiance = (np.pi * lighting.sun).tolist()
        sun = {
            "type": "directional",
            "direction": list(look.light.direction),
            "irradiance": {"type": "rgb", "value": irradiance},
        }
        lamps = {
            f"lamp{number}": {
                "type": "point",
                "position": list(lamp.position),
                "intensity": {"type": "rgb", "value": (np.pi * radiance).tolist()},
            }
            for number, (lamp, radiance) in enumerate(zip(look.lamps, lighting.lamps, strict=True))
        }
        return {"dome": dome, **lamps, **({"sun": sun} if lighting.sun.max() > 0.0 else {})}

    def _sensor(self, view: CameraView, sampler: dict[str, Any]) -> Any:
        """The camera, whose axes are x left, y up, z forward in Mitsuba."""
        pose = view.T_world_camera @ np.diag([-1.0, -1.0, 1.0, 1.0])
        assert view.has_square_pixels, "Mitsuba draws square pixels only"
        focal, cx, cy = view.K[0, 0], view.K[0, 2], view.K[1, 2]
        film = {
            "type": "hdrfilm",
            "width": view.width,
            "height": view.height,
            "pixel_format": "rgb",
            "component_format": "float32",
            "filter": {"type": "box"},
        }
        return self._mitsuba.load_dict(
            {
                "type": "perspective",
                "to_world": self._mitsuba.ScalarTransform4f(pose),
                "fov_axis": "x",
                "fov": float(np.degrees(2.0 * np.arctan(view.width / (2.0 * focal)))),
                "principal_point_offset_x": float(0.5 - cx / view.width),
                "principal_point_offset_y": float(0.5 - cy / view.height),
                "near_clip": NEAR,
                "far_clip": FAR,
                "film": film,
                "sampler": sampler,
            }
        )


def _flat(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.ascontiguousarray(rows, np.float32).ravel()
