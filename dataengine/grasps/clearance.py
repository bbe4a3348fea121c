"""Does the open hand fit? The jaw's boxes against points and against the plane below."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import StablePose
from assets_index.robot import JawBox, JawGeometry
from assets_index.transforms import Array, rotation_from_quaternion
from dataengine.grasps.settings import GraspSettings

CHUNK = 256


def swept_boxes(jaw: JawGeometry) -> tuple[Array, Array]:
    """Boxes that hold each part of the hand while the jaw closes from fully open to nothing.

    Returns:
        lower, upper: (B, 3) in the TCP frame; for the fingers y is the distance from the middle plane, and its lower
        bound is to be raised to half the width of what is held.
    """
    travel = jaw.max_opening / 2
    lower, upper = [], []
    for box in jaw.finger:
        center, half = np.array(box.center), np.array(box.half)
        lower.append(center - half)
        upper.append(center + half + [0.0, travel, 0.0])
    return np.array(lower), np.array(upper)


def jaw_hits_points(
    tcp: Array, width: Array, points: Array, jaw: JawGeometry, *, margin: float, slack: float
) -> NDArray[np.bool_]:
    """Whether points lie in the way of the hand as it stands open around something and closes on it.

    Args:
        tcp: (G, 4, 4) TCP poses in the frame of the points.
        width: (G,) distance of the fingers when closed; negative to count points between the fingers, too.
        points: (P, 3).
        jaw: the hand.
        margin: distance to be kept, metres.
        slack: how far a finger may press in beyond `width`, metres.
    """
    hits = np.zeros(len(tcp), bool)
    if not len(points):
        return hits
    cloud = np.ascontiguousarray(points.T, np.float32)
    for start in range(0, len(tcp), CHUNK):
        chunk = slice(start, start + CHUNK)
        axes = np.moveaxis(tcp[chunk, :3, :3].astype(np.float32), 2, 0)
        origin = np.einsum("agi,gi->ag", axes, tcp[chunk, :3, 3].astype(np.float32))
        local = (axes.reshape(-1, 3) @ cloud).reshape(3, -1, len(points)) - origin[..., None]
        hits[chunk] = _in_hand(local, width[chunk], jaw, margin, slack).any(1)
    return hits


def _in_hand(
    local: NDArray[np.float32], width: Array, jaw: JawGeometry, margin: float, slack: float
) -> NDArray[np.bool_]:
    """Which points (3, G, P) in the TCP frame lie in the palm or in the way of the fingers; (G, P)."""
    x, y, z = np.abs(local[0]), np.abs(local[1]), local[2]
    inside = np.zeros(x.shape, bool)
    for box in jaw.palm:
        inside |= (
            (x < box.half[0] + margin) & (y < box.half[1] + margin) & (np.abs(z - box.center[2]) < box.half[2] + margin)
        )
    held = (width / 2 + slack).astype(np.float32)[:, None]
    lower, upper = swept_boxes(jaw)
    for low, high in zip(lower, upper, strict=True):
        inside |= (
            (x < high[0] + margin)
            & (y > np.maximum(held + np.float32(low[1]), np.float32(0)))
            & (y < high[1] + margin)
            & (z > low[2] - margin)
            & (z < high[2] + margin)
        )
    return inside


def palm_distance(jaw: JawGeometry) -> float:
    """How far the palm's front lies behind the TCP, metres."""
    return -max(box.center[2] + box.half[2] for box in jaw.palm)


def hand_corners(jaw: JawGeometry, opening: float) -> Array:
    """Corners of all of the hand's boxes with the jaw open by `opening`, (C, 3) in the TCP frame."""
    corners = [_corners(box, 0.0) for box in jaw.palm]
    for box in jaw.finger:
        side = _corners(box, opening / 2)
        corners += [side, side * [1.0, -1.0, 1.0]]
    return np.concatenate(corners)


def _corners(box: JawBox, shift: float) -> Array:
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=3)))
    return np.array(box.center) + signs * box.half + [0.0, shift, 0.0]


def lowest_corner(tcp: Array, up: Array, jaw: JawGeometry) -> Array:
    """Height, along the unit vector `up`, of the lowest corner of the open hand at each TCP pose; (G,)."""
    corners = hand_corners(jaw, jaw.max_opening)
    along = np.einsum("gij,i->gj", tcp[:, :3, :3], up) @ corners.T
    return tcp[:, :3, 3] @ up + along.min(1)


def from_above(tcp: Array, up: Array, floor: float, jaw: JawGeometry, *, steepest: float) -> NDArray[np.bool_]:
    """Which hand poses approach from above with the whole open hand above a plane; (G,).

    Args:
        tcp: (G, 4, 4).
        up: unit vector, in the frame of the poses.
        floor: height along `up` that the hand must keep above, metres.
        jaw: the hand.
        steepest: least cosine between the approach and straight down.
    """
    return np.asarray((-tcp[:, :3, 2] @ up > steepest) & (lowest_corner(tcp, up, jaw) > floor))


def serves(tcp: Array, pose: StablePose, jaw: JawGeometry, settings: GraspSettings) -> NDArray[np.bool_]:
    """Which hand poses (G, 4, 4) in the asset frame come from above when it lies in a stable pose on a plane; (G,)."""
    up = rotation_from_quaternion(pose.quaternion)[2]
    floor = settings.support_clearance - pose.height - 1e-6  # as deep as the search goes is not too deep
    return from_above(tcp, up, floor, jaw, steepest=settings.steepest_approach)
