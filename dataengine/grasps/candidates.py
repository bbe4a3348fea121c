"""Hand poses at which an open jaw stands free around an asset in one of its stable poses."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import Asset, StablePose
from assets_index.robot import JawGeometry
from assets_index.transforms import Array, rotation_from_quaternion
from dataengine.grasps.antipodal import ContactPairs, sample_pairs
from dataengine.grasps.clearance import jaw_hits_points, lowest_corner, palm_distance
from dataengine.grasps.settings import GraspSettings
from dataengine.grasps.solid import Solid

TILTS = np.radians([0.0, 20.0, -20.0, 40.0, -40.0])
"""Turns of the approach about the closing axis, away from straight down."""

TILT_JITTER = np.array([0.0, 0.15, 0.15, 0.15, 0.15])
"""Only a hand that points straight down reaches far down beside a flat thing."""

HAND_MARGIN = 0.003
FINGER_SLACK = 0.004
"""How much deeper than the contact points the surface may bulge between the fingers: the fingers find it on closing."""

PATCH_RADIUS, PATCH_DEPTH, PATCH_POINTS = 0.003, 0.0007, 8
"""Circle around a contact on which it is asked whether there is something to press on, and how deep below it."""


@dataclass(frozen=True)
class Candidates:
    """Hand poses in the asset frame.

    Attributes:
        tcp: (G, 4, 4).
        width, quality: (G,).
        contacts: (G, 2, 3); normals: (G, 2, 3), into the asset.
        patch: (G,) how much of the surface around the contacts the pads meet, 0..1.
        score: (G,) greater is better, to be compared within one stable pose.
    """

    tcp: Array
    width: Array
    quality: Array
    contacts: Array
    normals: Array
    patch: Array
    score: Array

    def __len__(self) -> int:
        return len(self.width)

    def take(self, index: NDArray[np.intp]) -> Candidates:
        """A selection."""
        return Candidates(**{name: values[index] for name, values in vars(self).items()})


@dataclass(frozen=True)
class PoseSearch:
    """What the search for one stable pose came to.

    Attributes:
        closed: antipodal pairs whose closing axis is level enough.
        tried: hand poses made of them that stand above the support with the palm clear.
        free: those of the tried ones that are clear of the asset, best first.
    """

    closed: int
    tried: int
    free: Candidates


def search_pose(
    asset: Asset,
    pose: StablePose,
    solid: Solid,
    surface: Array,
    jaw: JawGeometry,
    settings: GraspSettings,
    rng: np.random.Generator,
) -> PoseSearch:
    """Free hand poses for one stable pose, best first.

    Args:
        asset: what is to be grasped.
        pose: how it lies.
        solid: its shape.
        surface: points (P, 3) on it.
        jaw: the hand.
        settings: how thoroughly to search.
        rng: source of all choices.
    """
    up = rotation_from_quaternion(pose.quaternion)[2]
    pairs = sample_pairs(
        solid,
        settings.rays,
        rng,
        friction=settings.friction,
        width=(settings.least_width, jaw.max_opening - settings.spare_opening),
        up=up,
        steepest=settings.steepest_axis,
    )
    near = _near_rim(pairs, solid, up, jaw, settings, rng)
    made = _hand_poses(near, solid, up, -pose.height, jaw, settings, rng)
    made = _scored(made, up, asset)
    made = made.take(_best(made, settings))
    hits = jaw_hits_points(made.tcp, made.width, surface, jaw, margin=HAND_MARGIN, slack=FINGER_SLACK)
    return PoseSearch(len(pairs), len(made), _with_patch(made.take(np.flatnonzero(~hits)), solid, jaw))


def _near_rim(
    pairs: ContactPairs, solid: Solid, up: Array, jaw: JawGeometry, settings: GraspSettings, rng: np.random.Generator
) -> ContactPairs:
    """At most `settings.pairs` pairs in random order, without those too deep for the fingers, thin walls by their rim.

    A wall runs up from the contacts between the fingers: it must end before the palm. The nearer its end, the more of
    the finger may be tilted and the less of it stands inside the vessel, so pairs on thin walls are drawn with a
    probability that falls from the rim to the fingers' reach.
    """
    if not len(pairs):
        return pairs
    reach = palm_distance(jaw) - HAND_MARGIN + jaw.pad.center[2] + jaw.pad.half[2] - settings.pad_margin
    below_rim = solid.last_exit(pairs.middle, np.broadcast_to(up, pairs.middle.shape))
    chance = np.where(pairs.width < settings.thin, 1.0 - 0.8 * below_rim / reach, 1.0) * (below_rim < reach)
    order = np.argsort(-np.log(np.maximum(rng.random(len(pairs)), 1e-12)) / np.maximum(chance, 1e-12), kind="stable")
    return pairs.take(order[: min(settings.pairs, int((chance > 0.0).sum()))])


def _hand_poses(
    pairs: ContactPairs,
    solid: Solid,
    up: Array,
    floor: float,
    jaw: JawGeometry,
    settings: GraspSettings,
    rng: np.random.Generator,
) -> Candidates:
    """Several approach directions from above for each pair, each at the depths that support, palm and pads allow."""
    tilt = TILTS + TILT_JITTER * rng.uniform(-1.0, 1.0, (len(pairs), len(TILTS)))
    axis = pairs.axis
    down = -(up - (axis @ up)[:, None] * axis)
    down /= np.linalg.norm(down, axis=1, keepdims=True)
    side = np.cross(axis, down)
    approach = (np.cos(tilt)[..., None] * down[:, None] + np.sin(tilt)[..., None] * side[:, None]).reshape(-1, 3)
    owner = np.repeat(np.arange(len(pairs)), len(TILTS))
    middle, axis = pairs.middle[owner], pairs.axis[owner]
    shallowest, deepest = _depth_limits(middle, axis, approach, solid, up, floor, jaw, settings)
    depth = np.clip(np.array(settings.depths), shallowest[:, None], deepest[:, None])
    fresh = np.concatenate([np.full((len(depth), 1), True), np.abs(np.diff(depth, axis=1)) > 1e-4], 1)
    row, column = np.nonzero(fresh & (shallowest <= deepest)[:, None])
    chosen = owner[row]
    origin = middle[row] + depth[row, column][:, None] * approach[row]
    return Candidates(
        _frames(axis[row], approach[row], origin),
        pairs.width[chosen],
        pairs.quality[chosen],
        np.stack([pairs.first[chosen], pairs.second[chosen]], 1),
        pairs.normals[chosen],
        np.ones(len(chosen)),
        np.zeros(len(chosen)),
    )


def _frames(axis: Array, approach: Array, origin: Array) -> Array:
    """TCP poses (G, 4, 4) from closing axes, approaches and positions, each (G, 3)."""
    tcp = np.zeros((len(axis), 4, 4))
    tcp[:, :3, 0], tcp[:, :3, 1], tcp[:, :3, 2], tcp[:, :3, 3] = np.cross(axis, approach), axis, approach, origin
    tcp[:, 3, 3] = 1.0
    return tcp


def _depth_limits(
    middle: Array,
    axis: Array,
    approach: Array,
    solid: Solid,
    up: Array,
    floor: float,
    jaw: JawGeometry,
    settings: GraspSettings,
) -> tuple[Array, Array]:
    """Least and greatest distance, along the approach, from the middle of the contacts to the TCP; each (G,).

    The contacts must lie on the pads; the palm must stay clear of what the asset has above the contacts; the open hand
    must stand above the support, whose height in the asset frame is `floor`.
    """
    low, high = jaw.pad.center[2] - jaw.pad.half[2], jaw.pad.center[2] + jaw.pad.half[2]
    above = solid.last_exit(middle, -approach)
    deepest = np.minimum(-low - settings.pad_margin, palm_distance(jaw) - HAND_MARGIN - above)
    room = lowest_corner(_frames(axis, approach, middle), up, jaw) - floor - settings.support_clearance
    steepness = np.maximum(-approach @ up, 1e-6)
    return np.full(len(middle), settings.pad_margin - high), np.minimum(deepest, room / steepness)


def _scored(made: Candidates, up: Array, asset: Asset) -> Candidates:
    """Prefer good contact angles, a centre of mass between the fingers, and an approach from above."""
    lever = np.linalg.norm(np.cross(made.tcp[:, :3, 3] - asset.center_of_mass, made.tcp[:, :3, 2]), axis=1)
    steepness = -made.tcp[:, :3, 2] @ up
    score = 2.0 * made.quality - 10.0 * lever + 0.5 * steepness
    return replace(made, score=score)


def _best(made: Candidates, settings: GraspSettings) -> NDArray[np.intp]:
    """Indices of the `settings.screened` best, best first; half of the places are kept for those at thin walls.

    A wall lies off the centre of mass, so that its grasps would never be among the best of all; but where the jaw is
    blocked from going around the whole vessel, they are the ones that are left.
    """
    order = np.argsort(-made.score, kind="stable")
    thin = made.width[order] < settings.thin
    rank_among_its_kind = np.where(thin, np.cumsum(thin), np.cumsum(~thin))
    return order[np.sort(np.argsort(rank_among_its_kind, kind="stable")[: settings.screened])]


def _with_patch(made: Candidates, solid: Solid, jaw: JawGeometry) -> Candidates:
    """Measure how well the pads cover the contacts, and prefer those that lie well inside a face and a pad.

    To the friction cones a contact is a point, but on the edge of a face, or of a pad, little is pressed on, and a
    small thing tips out of the jaw.
    """
    covered = np.zeros(len(made))
    low, high = jaw.pad.center[2] - jaw.pad.half[2], jaw.pad.center[2] + jaw.pad.half[2]
    for turn in np.arange(PATCH_POINTS) * 2 * np.pi / PATCH_POINTS:
        across, along = PATCH_RADIUS * np.sin(turn), PATCH_RADIUS * np.cos(turn)
        offset = across * made.tcp[:, None, :3, 0] + along * made.tcp[:, None, :3, 2]
        points = made.contacts + offset + PATCH_DEPTH * made.normals
        depth = np.einsum("gci,gi->gc", points - made.tcp[:, None, :3, 3], made.tcp[:, :3, 2])
        covered += (solid.contains(points.reshape(-1, 3)).reshape(-1, 2) & (depth > low) & (depth < high)).mean(1)
    patch = covered / PATCH_POINTS
    return replace(made, patch=patch, score=made.score + patch)


def diverse(made: Candidates, count: int) -> NDArray[np.intp]:
    """Indices of `count` poses that are good and unlike each other (farthest-point choice)."""
    if len(made) <= count:
        return np.arange(len(made))
    feature = np.concatenate(
        [made.tcp[:, :3, 3] / 0.02, made.tcp[:, :3, 2] / 0.5, _unsigned(made.tcp[:, :3, 1]) / 0.5], axis=1
    )
    chosen = [int(np.argmax(made.score))]
    distance = np.full(len(made), np.inf)
    span = np.ptp(made.score) or 1.0
    merit = 0.3 + (made.score - made.score.min()) / span
    while len(chosen) < count:
        distance = np.minimum(distance, np.linalg.norm(feature - feature[chosen[-1]], axis=1))
        chosen.append(int(np.argmax(distance * merit)))
    return np.array(chosen)


def _unsigned(axis: Array) -> Array:
    """Closing axes without their sign, as the six entries of their outer product."""
    row, column = np.triu_indices(3)
    return axis[:, row] * axis[:, column]
