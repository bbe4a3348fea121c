"""Physics that blows up costs one attempt, with a typed reason, and not the run."""

from __future__ import annotations

import numpy as np
import pytest

from assets_index.asset import Asset
from assets_index.robot import RobotDescription
from assets_index.transforms import Pose
from dataengine.engine import EngineConfig, attempt
from dataengine.engine.performance import Performance
from dataengine.physics.errors import UnstablePhysics
from dataengine.physics.simulation import Simulation
from dataengine.rejection import AttemptFailed, AttemptStage, Cause, Rejection
from scene_graph.placed import PlacedBody
from tests.engine.shapes import Shelf, block, plate
from tests.engine.tasks import task_of

pytestmark = pytest.mark.filterwarnings("ignore:.*Inertia matrix:UserWarning")


def lever() -> tuple[Asset, list[np.ndarray]]:
    """A heavy block whose centre of mass lies a metre outside it, almost without inertia: no integrator follows it."""
    asset, hulls = block("lever", (0.03, 0.03, 0.03))
    inertia = (1e-12, 1e-12, 1e-12, 0.0, 0.0, 0.0)
    return asset.model_copy(update={"mass": 1000.0, "center_of_mass": (1.0, 0.0, 0.01), "inertia": inertia}), hulls


def test_a_state_that_is_no_state_is_an_error(arm: RobotDescription) -> None:
    asset, hulls = lever()
    body = PlacedBody("lever", asset, Pose(position=(0.5, 0.0, 0.0)), tuple(hulls))
    with pytest.raises(UnstablePhysics, match="unstable"):
        Simulation([body], arm).settle()


def test_an_attempt_in_an_unstable_scene_is_rejected_with_its_cause() -> None:
    task = task_of(["cube", "lever"], "plate")
    outcome = attempt(
        0,
        run_seed=0,
        assets=Shelf(block("cube", (0.03, 0.03, 0.03)), lever(), plate()),
        config=EngineConfig(),
        make_task=lambda *_: task,
    )
    assert isinstance(outcome, Rejection)
    assert (outcome.stage, outcome.cause) == (AttemptStage.SETTLE, Cause.UNSTABLE_PHYSICS)
    assert "unstable" in outcome.detail


def test_what_blows_up_while_the_arm_moves_is_told_with_the_sub_task(arm: RobotDescription, shelf: Shelf) -> None:
    task, config = task_of(["cube", "can"], "plate"), EngineConfig()
    poses = {"cube_0": (0.45, 0.0, 0.0), "can_1": (0.5, -0.25, 0.0), "container": (0.5, 0.25, 0.0)}
    bodies = [
        PlacedBody(node.name, shelf.asset(node.asset_id), Pose(position=poses[node.name]), shelf.hulls(node.asset_id))
        for node in task.scene.nodes
    ]
    simulation = Simulation(bodies, arm, target="cube_0")
    assert simulation.settle()
    simulation.data.qvel[-1] = 1e200
    with pytest.raises(AttemptFailed) as failure:
        Performance(task, simulation, shelf, config, np.random.default_rng(0)).run()
    assert (failure.value.stage, failure.value.cause) == (AttemptStage.EXECUTE, Cause.UNSTABLE_PHYSICS)
