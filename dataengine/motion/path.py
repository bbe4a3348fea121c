"""Collision-free paths: the straight way in joint space, else RRT-Connect; straight lines of the TCP."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets_index.transforms import Array
from dataengine.motion.clearance import ClearanceModel
from dataengine.motion.kinematics import Kinematics

STEP = 0.6
ITERATIONS = 400
SHORTCUTS = 40


def joint_path(
    clearance: ClearanceModel,
    start: Array,
    goal: Array,
    limits: tuple[Array, Array],
    rng: np.random.Generator,
    margin: float,
) -> Array | None:
    """Waypoints (K, J) from start to goal, joined by straight free lines, or None if none was found.

    The straight line if it is free; otherwise RRT-Connect (Kuffner and LaValle, 2000) with shortcuts.
    """
    if not (clearance.is_free(start, 0.0) and clearance.is_free(goal, margin)):
        return None
    if clearance.is_free_between(start, goal, margin):
        return np.array([start, goal])
    found = _rrt_connect(clearance, start, goal, limits, rng, margin)
    return None if found is None else _shortcut(clearance, found, rng, margin)


class _Tree:
    def __init__(self, root: Array) -> None:
        self.nodes, self.parents = [root], [-1]

    def nearest(self, point: Array) -> int:
        return int(np.argmin(((np.array(self.nodes) - point) ** 2).sum(1)))

    def add(self, node: Array, parent: int) -> int:
        self.nodes.append(node)
        self.parents.append(parent)
        return len(self.nodes) - 1

    def branch(self, index: int) -> list[Array]:
        """From the root to a node."""
        nodes = []
        while index >= 0:
            nodes.append(self.nodes[index])
            index = self.parents[index]
        return nodes[::-1]


def _rrt_connect(
    clearance: ClearanceModel,
    start: Array,
    goal: Array,
    limits: tuple[Array, Array],
    rng: np.random.Generator,
    margin: float,
) -> list[Array] | None:
    trees = (_Tree(start), _Tree(goal))
    for iteration in range(ITERATIONS):
        grown, other = trees[iteration % 2], trees[1 - iteration % 2]
        new = _extend(clearance, grown, _sample(start, goal, limits, rng), margin)
        if new is None:
            continue
        met = _connect(clearance, other, grown.nodes[new], margin)
        if met is not None:
            halves = (
                (grown.branch(new), other.branch(met)) if iteration % 2 == 0 else (other.branch(met), grown.branch(new))
            )
            return [*halves[0], *halves[1][::-1][1:]]
    return None


def _sample(start: Array, goal: Array, limits: tuple[Array, Array], rng: np.random.Generator) -> Array:
    """Anywhere, or more often around the straight line."""
    if rng.random() < 0.4:
        return rng.uniform(*limits)
    between = start + rng.random() * (goal - start)
    return np.clip(between + rng.normal(0.0, 0.5, len(start)), *limits)


def _extend(clearance: ClearanceModel, tree: _Tree, point: Array, margin: float) -> int | None:
    """Grow the tree by one step towards a point; the new node's index, or None if that is not free."""
    nearest = tree.nearest(point)
    way = point - tree.nodes[nearest]
    node = tree.nodes[nearest] + way * min(1.0, STEP / max(float(np.linalg.norm(way)), 1e-9))
    return tree.add(node, nearest) if clearance.is_free_between(tree.nodes[nearest], node, margin) else None


def _connect(clearance: ClearanceModel, tree: _Tree, point: Array, margin: float) -> int | None:
    """Grow the tree until it reaches the point; the index there, or None if the way is blocked."""
    while True:
        new = _extend(clearance, tree, point, margin)
        if new is None or np.array_equal(tree.nodes[new], point):
            return new


def _shortcut(clearance: ClearanceModel, path: list[Array], rng: np.random.Generator, margin: float) -> Array:
    for _ in range(SHORTCUTS):
        if len(path) < 3:
            break
        first, last = sorted(int(i) for i in rng.choice(len(path), 2, replace=False))
        if last - first > 1 and clearance.is_free_between(path[first], path[last], margin):
            path = path[: first + 1] + path[last:]
    return np.array(path)


def joint_travel(start: Array, *paths: Array) -> float:
    """How far the arm moves, rad in joint space, from a configuration along one path after another."""
    nodes = np.concatenate([start[None], *paths])
    return float(np.linalg.norm(np.diff(nodes, axis=0), axis=1).sum())


def tcp_line(
    kinematics: Kinematics,
    clearance: ClearanceModel,
    start: Array,
    goal: Array,
    joints: Array,
    margin: float | None,
    spacing: float = 0.015,
) -> Array | None:
    """Waypoints (K, J) that move the TCP in a straight line at the goal's orientation.

    Args:
        kinematics: of the arm.
        clearance: asked at every waypoint but the first.
        start: T_world_tcp (4, 4) at `joints`; only its position is used.
        goal: T_world_tcp (4, 4).
        joints: (J,) where the line begins.
        margin: distance to keep, metres; None for no check.
        spacing: of the waypoints, metres.
    """
    length = float(np.linalg.norm(goal[:3, 3] - start[:3, 3]))
    count = max(2, int(np.ceil(length / spacing)))
    pose = goal.copy()
    path = [joints]
    for i in range(1, count + 1):
        pose[:3, 3] = start[:3, 3] + (goal[:3, 3] - start[:3, 3]) * i / count
        following = kinematics.follow(pose, path[-1])
        if following is None or (margin is not None and not clearance.is_free(following, margin)):
            return None
        path.append(following)
    return np.array(path)


def tcp_path(
    kinematics: Kinematics, clearance: ClearanceModel, poses: Sequence[Array], joints: Array, margin: float | None
) -> Array | None:
    """Waypoints (K + 1, J) that bring the TCP through poses (4, 4) one after another; None where it cannot follow.

    Args:
        kinematics: of the arm.
        clearance: asked at every waypoint but the first.
        poses: close enough together that the arm goes on from each to the next.
        joints: (J,) where the path begins.
        margin: distance to keep, metres; None for no check.
    """
    path = [joints]
    for pose in poses:
        following = kinematics.follow(pose, path[-1])
        if following is None or (margin is not None and not clearance.is_free(following, margin)):
            return None
        path.append(following)
    return np.array(path)
