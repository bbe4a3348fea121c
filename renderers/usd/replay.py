"""`replay.usdc`: a layer over a scene that moves everything as it moved, with physics switched off."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pxr import Sdf, Usd, UsdGeom, UsdPhysics

from renderers.shot import Shot
from renderers.usd.paths import WORLD, ScenePaths
from renderers.usd.saving import save_layer
from renderers.usd.scene import SCENE_FILE, set_conventions
from renderers.usd.transforms import camera_pose, set_transform

REPLAY_FILE = "replay.usdc"


def write_replay(folder: Path, paths: ScenePaths, shots: Sequence[Shot], rate: float) -> Path:
    """Write the layer beside its scene. Time code t is moment t; there are `rate` of them in a second.

    Args:
        folder: where the scene was saved.
        paths: of the scene.
        shots: the moments; bodies and cameras stand where each says.
        rate: Hz.

    Raises:
        FileNotWritten: if the disk takes no more.
    """
    file = folder / REPLAY_FILE
    layer = Sdf.Layer.CreateNew(str(file))
    layer.subLayerPaths = [f"./{SCENE_FILE}"]
    stage = Usd.Stage.Open(layer)
    set_conventions(stage)
    stage.SetDefaultPrim(stage.GetPrimAtPath(WORLD))
    stage.SetTimeCodesPerSecond(rate)
    stage.SetFramesPerSecond(rate)
    stage.SetStartTimeCode(0)
    stage.SetEndTimeCode(len(shots) - 1)
    _switch_physics_off(stage)
    bodies = {name: UsdGeom.Xformable(stage.GetPrimAtPath(path)) for name, path in paths.bodies.items()}
    cameras = {name: UsdGeom.Xformable(stage.GetPrimAtPath(path)) for name, path in paths.cameras.items()}
    for frame, shot in enumerate(shots):
        for name, body in bodies.items():
            set_transform(body, shot.poses[name], frame)
        for view in shot.views:
            set_transform(cameras[view.name], camera_pose(view), frame)
    save_layer(layer)
    return file


def _switch_physics_off(stage: Usd.Stage) -> None:
    """Nothing but the samples moves anything: no rigid bodies, joints or physics scene."""
    prims = list(stage.Traverse())
    for prim in prims:
        if prim.HasAPI(UsdPhysics.RigidBodyAPI):
            UsdPhysics.RigidBodyAPI(prim).CreateRigidBodyEnabledAttr(False)
        if prim.IsA(UsdPhysics.Joint) or prim.IsA(UsdPhysics.Scene):
            prim.SetActive(False)
