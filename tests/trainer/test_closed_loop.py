"""The control loop in the real engine. Recorded commands, fed through it as if a policy had predicted them, succeed."""

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from assets_index.index import AssetIndex
from assets_index.robots import arms
from assets_index.schema import Schema
from dataengine.physics.simulation import Simulation
from dataengine.pipeline.config import RenderConfig, RunConfig
from dataengine.pipeline.generate import generate
from dataengine.pipeline.instruct import write_instructions
from dataengine.pipeline.render import render_run
from dataengine.storage.shard_set import ShardSet
from renderers.backends import open_renderer
from renderers.frame import Renderer
from tests.scene_graph.graphs import into_or_onto
from trainer.errors import ActionSpecMismatch, NoSamples
from trainer.evaluate.closed_loop import PolicyEvaluation, apply_action, run_trial
from trainer.evaluate.film import film_strip, write_film
from trainer.evaluate.grounding import GroundingEvaluation
from trainer.evaluate.policy import Policy
from trainer.evaluate.suite import try_policy
from trainer.evaluate.trials import TrialScene, trials_of
from trainer.model.st4vla import ST4VLA
from trainer.train.log import read_metrics
from trainer.train.loop import train
from trainer.train.recipe import ActionRecipe, GroundingRecipe, LogRecipe, OptimizerRecipe, Recipe

SIZE = 112
CONFIG = RunConfig(
    seed=5,
    episodes=1,
    block_attempts=1,
    library_instances=2,
    task=into_or_onto(
        all_roles={"split": None},
        roles={"thing": {"categories": ["apple", "block"]}},
        distractors={"count": 1, "categories": ["apple", "block"]},
    ),
    render=RenderConfig(annotated_steps=1, width=SIZE, height=SIZE),
)


@pytest.fixture(scope="module")
def engine_run(library: AssetIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "one"
    generate(run, CONFIG)
    write_instructions(run, library)
    render_run(run)
    return run


@pytest.fixture(scope="module")
def renderer():
    opened = open_renderer(width=SIZE, height=SIZE)
    yield opened
    opened.close()


class Recorded:
    """Predicts the chunks that were recorded, and keeps what it was shown."""

    def __init__(self, shards: ShardSet, every: int) -> None:
        self._chunks = [shards.action(index) for index in range(0, shards.action_count, every)]
        self.seen: list[dict[str, NDArray[np.uint8]]] = []
        self.states: list[NDArray[np.float64]] = []

    def reset(self, seed: int) -> None:
        pass

    def act(
        self, instruction: str, pictures: Mapping[str, NDArray[np.uint8]], state: ArrayLike
    ) -> NDArray[np.floating]:
        sample = self._chunks[min(len(self.seen), len(self._chunks) - 1)]
        assert instruction == sample.instructions[0]
        self.seen.append(dict(pictures))
        self.states.append(np.asarray(state))
        return sample.actions


def test_recorded_actions_succeed(engine_run: Path, library: AssetIndex, renderer: Renderer, tmp_path: Path):
    shards = ShardSet(engine_run)
    (trial,) = trials_of(engine_run)
    policy = Recorded(shards, every=8)
    scene = TrialScene(trial, library, renderer, ("front", "wrist"))
    result = run_trial(policy, trial, scene, PolicyEvaluation(max_steps=400, replan_every=8, film_every=20))
    assert result.report.success_at_end
    assert result.report.success_ever
    assert result.report.ended_by == "success"
    assert result.report.target_lifted > 0.03

    # What the policy sees and feels is what the shards hold of the same moments.
    for number in (0, 5):
        sample = shards.action(8 * number)
        for camera, picture in policy.seen[number].items():
            stored = shards.rgb(camera, sample.row).astype(int)
            assert np.abs(stored - picture).mean() < 4  # JPEG
        assert np.allclose(policy.states[number], sample.state, atol=1e-3)

    write_film(result.film, tmp_path / "film.mp4", rate=1.0)
    film = cv2.VideoCapture(str(tmp_path / "film.mp4"))
    assert int(film.get(cv2.CAP_PROP_FRAME_COUNT)) == len(result.film)
    assert film_strip(result.film, 4).shape == (SIZE, 4 * SIZE, 3)


def test_an_untrained_policy_fails_and_the_report_says_how(engine_run: Path, model: ST4VLA, processor):
    done = []
    policy = Policy(model, processor)
    config = PolicyEvaluation(max_steps=12, replan_every=6)
    report = try_policy(policy, [engine_run], config, on_trial=lambda number, total: done.append((number, total)))
    assert report.total.success_at_end.share == report.total.success_ever.share == 0
    assert report.tasks == {CONFIG.task.name: report.total}
    assert report.trials[0].ended_by == "step limit"
    assert report.trials[0].steps == 12
    assert done == [(1, 1)]


def test_the_same_checkpoint_does_the_same_again(engine_run: Path, model: ST4VLA, processor):
    config = PolicyEvaluation(max_steps=6, replan_every=3)
    first, second = (try_policy(Policy(model, processor), [engine_run], config) for _ in range(2))
    assert first == second


def test_actions_that_mean_something_else_are_refused(engine_run: Path, model: ST4VLA, processor):
    action = model.config.action.model_copy(update={"rate": 10.0})
    model.config = model.config.model_copy(update={"action": action})
    with pytest.raises(ActionSpecMismatch, match="rate"):
        try_policy(Policy(model, processor), [engine_run], PolicyEvaluation())


def test_every_key_of_a_run_is_read(engine_run: Path, start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One run with everything on, that also measures its success on the way."""
    read = set()

    def recording(self: Schema, name: str):
        if name in type(self).model_fields:
            read.add((type(self), name))
        return object.__getattribute__(self, name)

    log = LogRecipe(heldout=(str(engine_run),), every=5, questions=1, gradients=1, trials=1, trial_steps=2)
    streams = {"grounding": GroundingRecipe(pictures=1), "action": ActionRecipe(samples=1)}
    recipe = Recipe(steps=1, **streams, optimizer=OptimizerRecipe(warmup=0), log=log)
    monkeypatch.setattr(Schema, "__getattribute__", recording)
    model = train(recipe, model_dir=start, data=[str(engine_run)], out=tmp_path)
    monkeypatch.undo()
    config = ST4VLA.from_pretrained(model).config
    parts = (recipe, recipe.grounding, recipe.action, recipe.optimizer, recipe.log, config, config.observation)
    parts += (config.querying_transformer, config.action_expert, config.denoising, config.action)
    kinds = {*map(type, parts), PolicyEvaluation, GroundingEvaluation}
    assert {(kind, name) for kind in kinds for name in kind.model_fields} - read == set()
    assert [row["success_at_end"] for row in read_metrics(tmp_path / "probes.jsonl")] == [0, 0]


def test_an_action_moves_every_arm_and_works_every_gripper():
    simulation = Simulation([], arms("two_frankas"))
    before = simulation.state()
    for _ in range(5):
        apply_action(simulation, np.repeat([0.02, -0.02, 0.0, 1.0], (7, 7, 1, 1)))
    after = simulation.state()
    moved = after.joint_position - before.joint_position
    assert (moved[:7] > 0.01).all()
    assert (moved[7:] < -0.01).all()
    assert after.finger_position[0].sum() < 0.05 < 0.07 < after.finger_position[1].sum()


def test_trials_need_records(run: Path):
    with pytest.raises(NoSamples, match="records"):
        trials_of(run)
