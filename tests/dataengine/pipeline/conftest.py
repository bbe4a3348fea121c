"""One small run, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets_index.index import AssetIndex
from dataengine.engine import EngineConfig
from dataengine.physics.settings import PhysicsSettings
from dataengine.pipeline.config import RenderConfig, RunConfig
from dataengine.pipeline.generate import generate
from dataengine.pipeline.instruct import write_instructions
from dataengine.pipeline.render import render_run
from tests.scene_graph.graphs import into_or_onto

# Few categories, so that few grasp sets have to be computed.
SMALL = RunConfig(
    seed=5,
    episodes=3,
    block_attempts=2,
    library_instances=2,
    task=into_or_onto(
        all_roles={"split": None},
        roles={"thing": {"categories": ["apple", "mug", "block"]}},
        distractors={"count": (2, 3), "categories": ["apple", "mug", "block"]},
    ),
    engine=EngineConfig(physics=PhysicsSettings(rate=10.0)),
    render=RenderConfig(annotated_steps=4, width=112, height=112),
)


@pytest.fixture(scope="session")
def small_run(library: AssetIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three accepted episodes and their shards. Tests that change it copy it."""
    run = tmp_path_factory.mktemp("runs") / "small"
    generate(run, SMALL)
    write_instructions(run, library)
    render_run(run)
    return run
