import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_index.robots import robot
from dataengine.motion.timing import MotionLimits, timed

ARM = robot()
LIMITS = MotionLimits()
FINE = 1000.0
RATE = 20.0

offsets = st.tuples(*(st.floats(-0.8, 0.8) for _ in ARM.joints)).map(np.array)


def assert_within_limits(path: np.ndarray, tempo: float) -> None:
    """Differences of a finely sampled motion against the robot's limits."""
    samples = np.concatenate([path[:1], timed(path, ARM, LIMITS, FINE, tempo)])
    for order, name in enumerate(("velocity", "acceleration", "jerk"), start=1):
        derivative = np.abs(np.diff(samples, order, axis=0)) * FINE**order
        allowed = getattr(LIMITS, name) * np.array(getattr(ARM, name))
        assert np.all(derivative <= 1.03 * allowed + 1e-6 * FINE**order * 1e-6), name


@settings(max_examples=30)
@given(offset=offsets, tempo=st.floats(0.5, 1.0))
def test_straight_moves_keep_every_joint_within_its_limits(offset: np.ndarray, tempo: float) -> None:
    start = np.array(ARM.home)
    assert_within_limits(np.array([start, start + offset]), tempo)


@settings(max_examples=15)
@given(offset=offsets, bend=st.floats(-0.4, 0.4))
def test_curved_moves_keep_velocity_and_acceleration(offset: np.ndarray, bend: float) -> None:
    part = np.linspace(0, 1, 9)[:, None]
    path = np.array(ARM.home) + part * offset + bend * np.sin(np.pi * part) * np.roll(offset, 1)
    samples = np.concatenate([path[:1], timed(path, ARM, LIMITS, FINE)])
    for order, name in enumerate(("velocity", "acceleration"), start=1):
        derivative = np.abs(np.diff(samples, order, axis=0)) * FINE**order
        assert np.all(derivative <= 1.05 * getattr(LIMITS, name) * np.array(getattr(ARM, name))), name


@settings(max_examples=30)
@given(offset=offsets)
def test_commands_end_where_the_path_ends_and_start_gently(offset: np.ndarray) -> None:
    start = np.array(ARM.home)
    commands = timed(np.array([start, start + offset]), ARM, LIMITS, RATE)
    if np.abs(offset).max() < 1e-6:
        return
    assert commands[-1] == pytest.approx(start + offset, abs=1e-9)
    steps = np.abs(np.diff(np.concatenate([start[None], commands]), axis=0)).max(1)
    assert steps[0] <= max(0.02, steps.max())
    assert steps[0] < 0.5 * steps.max() or len(commands) < 4


def test_no_way_takes_no_time() -> None:
    home = np.array(ARM.home)
    assert len(timed(np.array([home, home]), ARM, LIMITS, RATE)) == 0


def test_half_the_tempo_takes_about_twice_the_time() -> None:
    path = np.array([ARM.home, np.array(ARM.home) + 0.6])
    assert len(timed(path, ARM, LIMITS, RATE, 0.5)) == pytest.approx(2 * len(timed(path, ARM, LIMITS, RATE)), abs=2)
