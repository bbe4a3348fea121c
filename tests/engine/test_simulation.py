import itertools

import numpy as np
import pytest

from assets_index.errors import EngineError
from assets_index.robot import RobotDescription
from assets_index.transforms import Pose
from dataengine.motion.clearance import ClearanceModel
from dataengine.motion.kinematics import kinematics
from dataengine.motion.path import joint_path
from dataengine.motion.timing import MotionLimits, timed
from dataengine.physics.simulation import Simulation
from scene_graph.placed import PlacedBody
from tests.engine.shapes import Shelf

DOWN = np.diag([1.0, -1.0, -1.0, 1.0])


def body(shelf: Shelf, name: str, x: float, y: float, z: float = 0.001) -> PlacedBody:
    asset = shelf.asset(f"{name}-{'0' * 12}")
    return PlacedBody(name, asset, Pose(position=(x, y, z)), shelf.hulls(asset.id))


def above(x: float, y: float, z: float) -> np.ndarray:
    tcp = DOWN.copy()
    tcp[:3, 3] = x, y, z
    return tcp


def test_things_come_to_rest_where_they_stand(shelf: Shelf, arm: RobotDescription) -> None:
    bodies = [body(shelf, "block", 0.45, 0.0), body(shelf, "mug", 0.55, 0.15), body(shelf, "tub", 0.5, -0.2)]
    simulation = Simulation(bodies, arm)
    assert simulation.settle()
    for placed in bodies:
        settled = simulation.scene()[placed.name].pose
        assert settled.position == pytest.approx((*placed.pose.position[:2], 0.0), abs=2e-3)
        assert settled.quaternion == pytest.approx((1.0, 0.0, 0.0, 0.0), abs=0.01)


def test_the_arm_is_where_it_was_told_to_be_while_it_moves(arm: RobotDescription) -> None:
    simulation = Simulation([], arm)
    goal = np.array(arm.home) + np.array([0.5, 0.3, -0.3, 0.4, 0.3, 0.2, -0.4])
    errors = []
    for command in timed(np.array([arm.home, goal]), arm, MotionLimits(), simulation.settings.rate):
        simulation.step(command, 1.0)
        errors.append(np.abs(simulation.state().joint_position - command).max())
    assert max(errors) < 0.02  # without feed-forward the servos lag ten times as much


def test_the_jaw_takes_its_time(arm: RobotDescription) -> None:
    simulation = Simulation([], arm)
    widths = []
    for _ in range(12):
        simulation.step(arm.home, 0.0)
        widths.append(simulation.state().finger_position.sum())
    assert widths[0] > 0.06
    assert widths[-1] == pytest.approx(0.0, abs=2e-3)
    assert np.all(np.diff(widths) < 1e-3)


def test_pressing_on_the_table_is_felt_and_named(arm: RobotDescription, shelf: Shelf) -> None:
    simulation = Simulation([body(shelf, "block", 0.3, 0.3)], arm, target="block")
    low = kinematics(arm).solve(above(0.5, 0.0, 0.006), arm.home)[0]
    touched = [
        simulation.step(command, 1.0)
        for command in timed(np.array([arm.home, low]), arm, MotionLimits(), simulation.settings.rate)
    ]
    assert max(contact.foreign for contact in touched) > 5.0
    assert touched[-1].touched == "table"
    assert touched[0].foreign == 0.0


def test_holding_the_target_is_no_foreign_contact(arm: RobotDescription, shelf: Shelf) -> None:
    start = kinematics(arm).solve(above(0.5, 0.0, 0.03), arm.home)[0]
    simulation = Simulation([body(shelf, "block", 0.5, 0.0)], arm, target="block", joint_position=start)
    contacts = [simulation.step(start, 0.0) for _ in range(12)]
    assert contacts[-1].gripper > 20.0
    assert max(contact.foreign for contact in contacts) == 0.0
    other = Simulation(
        [body(shelf, "block", 0.5, 0.0), body(shelf, "cube", 0.3, 0.3)], arm, target="cube", joint_position=start
    )
    contacts = [other.step(start, 0.0) for _ in range(12)]
    assert max(contact.foreign for contact in contacts) > 20.0
    assert contacts[-1].touched == "block"


def test_a_command_that_is_no_number_is_refused(arm: RobotDescription) -> None:
    simulation = Simulation([], arm)
    with pytest.raises(EngineError, match="finite"):
        simulation.step(np.full(7, np.nan), 1.0)


def test_paths_lead_around_what_stands_in_the_way(
    arm: RobotDescription, shelf: Shelf, rng: np.random.Generator
) -> None:
    wall = [body(shelf, name, 0.5, 0.0, z) for name, z in (("crate", 0.0), ("jar", 0.12), ("block", 0.3))]
    simulation = Simulation([*wall, body(shelf, "cube", 0.3, 0.3)], arm, target="cube")
    clearance = ClearanceModel(simulation, "cube")
    solver, limits = kinematics(arm), (np.array(arm.joint_lower), np.array(arm.joint_upper))
    start = solver.solve(above(0.5, 0.25, 0.12), arm.home)[0]
    goal = solver.solve(above(0.5, -0.25, 0.12), start)[0]
    assert not clearance.is_free_between(start, goal)
    path = joint_path(clearance, start, goal, limits, rng, 0.005)
    assert path is not None
    assert np.array_equal(path[0], start)
    assert np.array_equal(path[-1], goal)
    for a, b in itertools.pairwise(path):
        assert clearance.is_free_between(a, b, 0.0, resolution=0.01)


def test_there_is_no_path_into_a_body(arm: RobotDescription, shelf: Shelf, rng: np.random.Generator) -> None:
    simulation = Simulation([body(shelf, "crate", 0.5, 0.0), body(shelf, "cube", 0.3, 0.3)], arm, target="cube")
    inside = kinematics(arm).solve(above(0.5, 0.0, 0.06), arm.home)[0]
    limits = (np.array(arm.joint_lower), np.array(arm.joint_upper))
    clearance = ClearanceModel(simulation, "cube")
    assert joint_path(clearance, np.array(arm.home), inside, limits, rng, 0.0) is None
