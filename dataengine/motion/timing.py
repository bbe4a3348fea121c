"""When to be where: jerk-limited motion along a path, sampled at the control rate."""

from __future__ import annotations

import math

import numpy as np
import ruckig
from pydantic import Field
from scipy.interpolate import CubicSpline

from assets_index.robot import RobotDescription
from assets_index.schema import Schema
from assets_index.transforms import Array

SAMPLES = 60


class MotionLimits(Schema):
    """Fractions of the robot's own limits that are used."""

    velocity: float = Field(default=0.7, gt=0.0, le=1.0)
    acceleration: float = Field(default=0.5, gt=0.0, le=1.0)
    jerk: float = Field(default=0.03, gt=0.0, le=1.0)


def timed(path: Array, robot: RobotDescription, limits: MotionLimits, rate: float, speed: float = 1.0) -> Array:
    """Joint commands (T, J) at times 1 / rate, 2 / rate, ...; from rest at the path's start to rest at its end.

    Straight two-point paths are followed exactly; finer ones by a cubic spline through the waypoints. One jerk-limited
    profile along the path (Ruckig; Berscheid and Kröger, RSS 2021) keeps every joint within its limits. The duration is
    stretched to a whole number of control steps.

    Args:
        path: (K, J) waypoints, rad.
        robot: its velocity, acceleration and jerk limits.
        limits: fractions of them.
        rate: control steps a second.
        speed: further scale of the path's tempo, at most 1.
    """
    length, curve = _curve(np.asarray(path, float))
    if length < 1e-6:
        return np.empty((0, path.shape[1]))
    bounds = _path_limits(length, curve, robot, limits)
    trajectory = _profile(length, (bounds[0] * speed, bounds[1] * speed**2, bounds[2] * speed**3), rate)
    steps = round(trajectory.duration * rate)
    positions = [trajectory.at_time(min(i / rate, trajectory.duration))[0][0] for i in range(1, steps + 1)]
    return np.asarray(curve(np.clip(positions, 0.0, length)))


def _curve(path: Array) -> tuple[float, CubicSpline]:
    """Length (sum of the chords in joint space, rad) and the path as a function of it."""
    path = path[np.append(True, np.linalg.norm(np.diff(path, axis=0), axis=1) > 1e-9)]
    knots = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1)))
    if len(path) == 1:
        return 0.0, CubicSpline([0.0, 1.0], np.repeat(path, 2, 0))
    return float(knots[-1]), CubicSpline(knots, path, bc_type="natural")


def _path_limits(
    length: float, curve: CubicSpline, robot: RobotDescription, limits: MotionLimits
) -> tuple[float, float, float]:
    """Greatest speed, acceleration and jerk along the path at which no joint exceeds its own.

    By the chain rule q' = c1 s', q'' = c1 s'' + c2 s'^2, q''' = c1 s''' + 3 c2 s' s'' + c3 s'^3; half of each joint's
    acceleration and jerk is left to the terms of curvature.
    """
    at = np.linspace(0.0, length, SAMPLES)
    first, second, third = (np.abs(curve(at, order)).max(0) + 1e-9 for order in (1, 2, 3))
    velocity = limits.velocity * np.array(robot.velocity)
    acceleration = limits.acceleration * np.array(robot.acceleration)
    jerk = limits.jerk * np.array(robot.jerk)
    share = 1.0 if second.max() < 1e-6 else 0.5
    speed = (velocity / first).min()
    along = (share * acceleration / first).min()
    onward = (share * jerk / first).min()
    if share < 1.0:
        speed = min(speed, np.sqrt(share * acceleration / second).min(), np.cbrt(share / 2 * jerk / third).min())
        along = min(along, (share / 2 * jerk / (3 * second * speed)).min())
    return float(speed), float(along), float(onward)


def _profile(length: float, limits: tuple[float, float, float], rate: float) -> ruckig.Trajectory:
    """Rest to rest over `length`, in a whole number of control steps."""
    wanted = ruckig.InputParameter(1)
    wanted.current_position, wanted.target_position = [0.0], [length]
    wanted.max_velocity, wanted.max_acceleration, wanted.max_jerk = ([value] for value in limits)
    trajectory = ruckig.Trajectory(1)
    generator = ruckig.Ruckig(1)
    generator.calculate(wanted, trajectory)
    wanted.minimum_duration = math.ceil(trajectory.duration * rate - 1e-9) / rate
    generator.calculate(wanted, trajectory)
    return trajectory
