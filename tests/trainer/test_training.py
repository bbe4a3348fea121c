import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from assets_index.errors import InvalidConfig
from dataengine.storage.shard_set import ShardSet
from trainer.data.processor import Processor
from trainer.errors import UnusableCheckpoint
from trainer.model.st4vla import ST4VLA
from trainer.train.log import StepReport, read_metrics
from trainer.train.loop import train
from trainer.train.optimization import adamw, freeze_untrained, rate_factor
from trainer.train.recipe import ActionRecipe, GroundingRecipe, OptimizerRecipe, Recipe

BOTH = Recipe(
    steps=4,
    grounding=GroundingRecipe(pictures=1, questions=2),
    action=ActionRecipe(samples=1),
    accumulate=2,
    ema=0.5,
    optimizer=OptimizerRecipe(planner=1e-3, action_expert=1e-3, rest=1e-3, warmup=2),
    checkpoint_every=2,
    threads=1,
)


class Killed(BaseException):
    pass


def kill_at(step: int):
    def on_step(report: StepReport) -> None:
        if report.step == step:
            raise Killed

    return on_step


def losses(out: Path) -> list[tuple]:
    rows = read_metrics(out / "metrics.jsonl")
    return [(row["step"], row["grounding"], row["action"], row["gradient_norm"]) for row in rows]


def test_an_interrupted_run_ends_like_an_uninterrupted_one(start: Path, run: Path, tmp_path: Path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(BOTH, model_dir=start, data=[str(run)], out=whole)
    with pytest.raises(Killed):
        train(BOTH, model_dir=start, data=[str(run)], out=broken, on_step=kill_at(3))
    train(BOTH, model_dir=start, data=[str(run)], out=broken, resume=True)
    assert losses(broken) == losses(whole)
    assert len(losses(whole)) == 4
    ours, theirs = (ST4VLA.from_pretrained(out / "model").state_dict() for out in (whole, broken))
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def test_a_run_is_not_mixed_with_another(start: Path, run: Path, tmp_path: Path):
    recipe = BOTH.model_copy(update={"steps": 1, "checkpoint_every": 1})
    train(recipe, model_dir=start, data=[str(run)], out=tmp_path)
    with pytest.raises(InvalidConfig, match="already holds a run"):
        train(recipe, model_dir=start, data=[str(run)], out=tmp_path)
    changed = recipe.model_copy(update={"seed": 1})
    with pytest.raises(InvalidConfig, match="seed was 0 when the run began and is 1 now"):
        train(changed, model_dir=start, data=[str(run)], out=tmp_path, resume=True)
    with pytest.raises(InvalidConfig, match=r"when the run began and hold .* now: resume on the data that run\.json"):
        train(recipe, model_dir=start, data=[str(run)] * 2, out=tmp_path, resume=True)
    assert json.loads((tmp_path / "run.json").read_text())["data"] == [str(run)]


def test_a_checkpoint_that_is_not_whole_is_named(start: Path, run: Path, tmp_path: Path):
    recipe = BOTH.model_copy(update={"steps": 2, "checkpoint_every": 1})
    with pytest.raises(Killed):
        train(recipe, model_dir=start, data=[str(run)], out=tmp_path, on_step=kill_at(1))
    state = tmp_path / "checkpoints" / "00000001" / "training"
    for name in ("optimizer.safetensors", "average.safetensors"):
        tensors = load_file(state / name)
        lost = min(tensors)
        save_file({key: value for key, value in tensors.items() if key != lost}, state / name)
        with pytest.raises(UnusableCheckpoint, match=f"{name} lacks the tensor {lost}"):
            train(recipe, model_dir=start, data=[str(run)], out=tmp_path, resume=True)
        save_file(tensors, state / name)
    (state / "progress.json").write_text('{"step":')
    with pytest.raises(UnusableCheckpoint, match=r"progress\.json cannot be read"):
        train(recipe, model_dir=start, data=[str(run)], out=tmp_path, resume=True)
    (tmp_path / "recipe.yaml").unlink()
    with pytest.raises(InvalidConfig, match=r"recipe\.yaml: cannot be read"):
        train(recipe, model_dir=start, data=[str(run)], out=tmp_path, resume=True)


def test_stage_1_leaves_the_action_side_alone(start: Path, run: Path, tmp_path: Path):
    recipe = BOTH.model_copy(update={"steps": 1, "action": None})
    trained = ST4VLA.from_pretrained(train(recipe, model_dir=start, data=[str(run)], out=tmp_path)).state_dict()
    before = ST4VLA.from_pretrained(start).state_dict()
    changed = {name.split(".")[0] for name, value in before.items() if not torch.equal(trained[name], value)}
    assert changed == {"planner"}


def test_groups_have_their_own_rates(model: ST4VLA):
    freeze_untrained(model, BOTH)
    optimizer = adamw(model, OptimizerRecipe(planner=1.0, action_expert=2.0, rest=3.0))
    rates = {group["name"]: group["peak"] for group in optimizer.param_groups}
    assert rates == {"planner": 1.0, "action_expert": 2.0, "rest": 3.0}
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(list(model.parameters()))


def test_rate_warms_up_and_falls_to_its_end():
    recipe = OptimizerRecipe(warmup=10, final_rate=0.05)
    rates = [rate_factor(step, 100, recipe) for step in range(101)]
    assert rates[0] == 0.1
    assert rates[9] == rates[10] == 1.0
    assert rates[100] == pytest.approx(0.05)
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_answers_to_a_handful_of_questions_are_learned_word_for_word(
    model: ST4VLA, processor: Processor, shards: ShardSet
):
    questions = [
        ("Where is the red block? Answer in JSON.", '{"bbox_2d":[12,7,30,41],"label":"red block"}'),
        ("How does the red block move? Answer in JSON.", "[[12,30],[18,33],[39,40]]"),
        ("How many blocks are there?", "1"),
    ]
    pictures = [shards.rgb("front", row) for row in (0, shards.frame_rows - 1)]
    pairs = [questions, [(question, answer.replace("1", "2")) for question, answer in questions]]
    turns = [processor.grounding_turn(picture, pair) for picture, pair in zip(pictures, pairs, strict=True)]
    batch = processor.grounding_batch(turns)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(150):
        loss = model(batch, None).grounding
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    asked = [
        processor.grounding_turn(picture, [(question, None)])
        for picture, pair in zip(pictures, pairs, strict=True)
        for question, _ in pair
    ]
    tokens = model.planner.generate(processor.prompts(asked), stop=processor.planner.stop, max_tokens=48)
    answers = processor.planner.decode(tokens)
    assert answers == [answer for pair in pairs for _, answer in pair]
