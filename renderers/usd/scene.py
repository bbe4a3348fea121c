"""`scene.usda`: a scene under a look, where everything is at one moment."""

from __future__ import annotations

from pathlib import Path

from pxr import Usd, UsdGeom, UsdPhysics, UsdSemantics

from renderers.drawables import FLOOR, drawables
from renderers.look import Look
from renderers.scene import RenderScene
from renderers.shot import Shot
from renderers.usd.cameras import define_camera
from renderers.usd.lights import define_lights
from renderers.usd.paths import CAMERAS, SURROUNDINGS, WORLD, ScenePaths, scene_paths
from renderers.usd.surfaces import Surfaces
from renderers.usd.transforms import add_transform

SCENE_FILE = "scene.usda"
LABEL = "class"
"""Taxonomy of the labels of things."""


def new_scene(folder: Path, scene: RenderScene, look: Look, first: Shot) -> tuple[Usd.Stage, ScenePaths]:
    """A stage with everything to be drawn; textures are written beside it, `save_layer` writes it.

    Args:
        folder: an empty one.
        scene: what there is.
        look: how it looks.
        first: where everything is, and the cameras.

    Returns:
        The stage, and where things lie in it.

    Raises:
        FileNotWritten: if the disk takes no more.
    """
    stage = Usd.Stage.CreateNew(str(folder / SCENE_FILE))
    set_conventions(stage)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, WORLD).GetPrim())
    paths = scene_paths(scene, [view.name for view in first.views])
    for number, thing in paths.things.items():
        labels = UsdSemantics.LabelsAPI.Apply(UsdGeom.Xform.Define(stage, thing).GetPrim(), LABEL)
        labels.CreateLabelsAttr([paths.labels[number]])
    for name, body in paths.bodies.items():
        add_transform(UsdGeom.Xform.Define(stage, body), first.poses[name])
    surfaces = Surfaces(stage, folder)
    UsdGeom.Scope.Define(stage, SURROUNDINGS)
    for number, piece in enumerate(drawables(scene, look)):
        place = SURROUNDINGS if piece.body == FLOOR else paths.bodies[piece.body]
        surfaces.add(f"{place}/surface_{number}", piece)
    define_lights(stage, look, scene.surfaces, folder)
    UsdGeom.Scope.Define(stage, CAMERAS)
    for view in first.views:
        define_camera(stage, paths.cameras[view.name], view)
    return stage, paths


def set_conventions(stage: Usd.Stage) -> None:
    """Metres, kilograms, z up."""
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, UsdGeom.LinearUnits.meters)
    UsdPhysics.SetStageKilogramsPerUnit(stage, UsdPhysics.MassUnits.kilograms)
