"""Pictures of an asset in its stable poses with the grasps that serve there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import trimesh
from numpy.typing import NDArray

from assets_index.asset import Asset, Material, StablePose, VisualPart
from assets_index.gallery import Tile
from assets_index.robot import JawGeometry
from assets_index.thumbnail import draw_thumbnail
from assets_index.transforms import Array, rotation_from_quaternion
from dataengine.grasps.candidates import Candidates, diverse
from dataengine.grasps.clearance import palm_distance
from dataengine.grasps.grasp_set import GraspSet
from dataengine.grasps.labels import PoseLabel, usable
from dataengine.grasps.settings import GraspSettings

BAR, DOT = 0.0009, 0.0022
"""Radii of the jaw's outline and of a contact, metres."""

STEM = 0.02
WORST, MIDDLING, BEST = (0.80, 0.12, 0.10), (0.95, 0.80, 0.15), (0.10, 0.60, 0.20)
CONTACT_COLOR = (0.10, 0.25, 0.85)


def grasp_tiles(
    asset: Asset,
    parts: Sequence[VisualPart],
    grasps: GraspSet,
    found: Sequence[PoseLabel],
    jaw: JawGeometry,
    settings: GraspSettings,
    *,
    most: int = 10,
    size: int = 256,
) -> Iterator[Tile]:
    """One captioned picture for each stable pose: the asset as it lies, jaws as they hold it, their contacts in blue.

    A jaw is drawn as an outline from pad to palm, from red for the worst force closure of the asset's grasps to green
    for the best.

    Args:
        asset: what is held.
        parts: its surface.
        grasps: of the asset.
        found: a label for each stable pose.
        jaw: the hand.
        settings: with which the grasps were found.
        most: grasps drawn in a picture, unlike each other.
        size: edge of a picture, pixels.
    """
    quality = _relative(grasps.closure, grasps.held)
    for number, label in enumerate(found):
        index = np.flatnonzero(usable(grasps, label.pose, jaw, settings))
        index = index[_different(grasps, index, most)]
        drawn = [*parts, *(part for grasp in index.tolist() for part in _jaw(grasps, grasp, quality[grasp], jaw))]
        picture = draw_thumbnail([_turned(part, label.pose) for part in drawn], size)
        verdict = f"{label.held} of {len(grasps)} grasps" if label.graspable else "never a target so"
        standing = "upright, " if label.pose.upright else ""
        yield Tile(picture, f"{asset.category}, pose {number} ({standing}{label.pose.probability:.0%}): {verdict}")


def _relative(closure: Array, held: NDArray[np.bool_]) -> Array:
    """Force closure between the least and the greatest of the grasps that hold, 0..1."""
    if not held.any():
        return np.zeros(len(closure))
    low, high = closure[held].min(), closure[held].max()
    return np.asarray(((closure - low) / max(high - low, 1e-9)).clip(0.0, 1.0))


def _different(grasps: GraspSet, index: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Positions in `index` of a few grasps that are unlike each other."""
    chosen = Candidates(
        grasps.poses[index],
        grasps.widths[index],
        grasps.quality[index],
        grasps.contacts[index],
        np.zeros((len(index), 2, 3)),
        grasps.patch[index],
        grasps.closure[index],
    )
    return diverse(chosen, most)


def _jaw(grasps: GraspSet, grasp: int, quality: float, jaw: JawGeometry) -> Iterator[VisualPart]:
    """Fingers, palm and stem of one grasp, and its contacts, in the asset frame."""
    half, tip = grasps.widths[grasp] / 2, jaw.pad.center[2] + jaw.pad.half[2]
    palm = -palm_distance(jaw)
    corners = np.array([[0, -half, tip], [0, -half, palm], [0, half, palm], [0, half, tip]])
    lines = [(corners[0], corners[1]), (corners[1], corners[2]), (corners[2], corners[3])]
    lines.append((np.array([0.0, 0.0, palm]), np.array([0.0, 0.0, palm - STEM])))
    color = np.array(
        [np.interp(quality, (0.0, 0.5, 1.0), channel) for channel in zip(WORST, MIDDLING, BEST, strict=True)]
    )
    bars = trimesh.util.concatenate([trimesh.creation.cylinder(BAR, segment=line, sections=8) for line in lines])
    bars.apply_transform(grasps.poses[grasp])
    yield _part(bars, color)
    for contact in grasps.contacts[grasp]:
        dot = trimesh.creation.icosphere(subdivisions=1, radius=DOT)
        dot.apply_translation(contact)
        yield _part(dot, np.array(CONTACT_COLOR))


def _part(mesh: trimesh.Trimesh, color: Array) -> VisualPart:
    red, green, blue = (float(channel) for channel in color)
    return VisualPart(
        vertices=np.asarray(mesh.vertices, np.float32),
        faces=np.asarray(mesh.faces, np.int32),
        normals=np.asarray(mesh.vertex_normals, np.float32),
        uv=None,
        material=Material(name="outline", color=(red, green, blue)),
    )


def _turned(part: VisualPart, pose: StablePose) -> VisualPart:
    """A part as it stands when the asset lies in a stable pose on the plane z = 0."""
    rotation = rotation_from_quaternion(pose.quaternion).astype(np.float32)
    vertices = part.vertices @ rotation.T + np.array([0.0, 0.0, pose.height], np.float32)
    return VisualPart(vertices, part.faces, part.normals @ rotation.T, part.uv, part.material, part.albedo)
