"""What the loop does beside the plain step: averaging, freezing, compiling, several processes, and faults."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

from assets_index.errors import InvalidConfig
from dataengine.storage.shard_set import ShardSet
from tests.trainer.test_training import losses
from trainer.data.processor import Processor
from trainer.data.streams import ActionStream, GroundingStream
from trainer.errors import ActionSpecMismatch, Diverged, OutOfMemory, UnusableCheckpoint
from trainer.memory import explained_memory
from trainer.model.st4vla import ST4VLA
from trainer.train.averaging import WeightAverage
from trainer.train.compilation import compile_blocks
from trainer.train.faults import memory_remedy
from trainer.train.loop import train
from trainer.train.optimization import adamw, freeze_untrained
from trainer.train.recipe import ActionRecipe, GroundingRecipe, OptimizerRecipe, Recipe

RECIPE = Recipe(
    steps=2,
    grounding=GroundingRecipe(pictures=1),
    action=ActionRecipe(samples=1),
    optimizer=OptimizerRecipe(planner=1e-3, action_expert=1e-3, rest=1e-3, warmup=1),
    threads=1,
)


def changed(**keys) -> Recipe:
    return RECIPE.model_copy(update=keys)


def weights(directory: Path) -> dict[str, torch.Tensor]:
    return ST4VLA.from_pretrained(directory).state_dict()


def test_accumulated_batches_are_averaged(model: ST4VLA, start: Path, run: Path, tmp_path: Path, shards: ShardSet):
    questions = GroundingRecipe(pictures=1, weight=1.0)
    recipe = changed(
        steps=1, grounding=questions, action=None, accumulate=3, optimizer=OptimizerRecipe(warmup=1, clip_norm=1e9)
    )
    train(recipe, model_dir=start, data=[str(run)], out=tmp_path)
    stream = GroundingStream(shards, processor := Processor.from_pretrained(start, model.config.observation), seed=0)
    freeze_untrained(model, recipe)
    parts = [model.train()(processor.grounding_batch([stream[i]]), None).grounding for i in range(3)]
    mean = torch.stack(parts).mean()
    mean.backward()
    norm = torch.nn.utils.get_total_norm(p.grad for p in model.parameters() if p.grad is not None)
    ((_, logged, _, logged_norm),) = losses(tmp_path)
    assert logged == pytest.approx(float(mean), rel=1e-5)
    assert logged_norm == pytest.approx(float(norm), rel=1e-4)


def test_the_trained_model_has_the_average_of_the_weights():
    layer = torch.nn.Linear(2, 2)
    average, history = WeightAverage(layer, 0.75), [layer.weight.detach().clone()]
    for _ in range(3):
        with torch.no_grad():
            layer.weight.add_(torch.randn(2, 2))
        average.update()
        history.append(layer.weight.detach().clone())
    expected = history[0]
    for weight in history[1:]:
        expected = 0.75 * expected + 0.25 * weight
    with average.applied():
        assert torch.allclose(layer.weight, expected, atol=1e-6)
    assert torch.equal(layer.weight, history[-1])


def test_modules_are_frozen_by_their_path(model: ST4VLA):
    freeze_untrained(model, changed(freeze=("planner.network.model.visual", "encoder")))
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert not any(name.startswith(("planner.network.model.visual.", "encoder.")) for name in trained)
    assert any(name.startswith("planner.network.model.language_model") for name in trained)
    groups = adamw(model, RECIPE.optimizer).param_groups
    assert sum(len(group["params"]) for group in groups) == len(trained)
    with pytest.raises(InvalidConfig, match=r"no module 'planner\.vision'"):
        freeze_untrained(model, changed(freeze=("planner.vision",)))


def test_compiled_blocks_compute_the_same(model: ST4VLA, processor: Processor, shards: ShardSet):
    questions, moments = (
        GroundingStream(shards, processor, seed=0),
        ActionStream(shards, processor, model.config.action, seed=0),
    )
    batches = processor.grounding_batch([questions[0]]), processor.action_batch([moments[0]])
    names = list(model.state_dict())
    found = []
    for _ in range(2):
        torch.manual_seed(0)
        found.append(model(*batches))
        compile_blocks(model, backend="aot_eager")
    assert torch.allclose(found[0].grounding, found[1].grounding, atol=1e-5)
    assert torch.allclose(found[0].action, found[1].action, atol=1e-5)
    assert list(model.state_dict()) == names


@pytest.mark.slow
def test_a_run_of_several_processes_resumes_exactly_too(start: Path, run: Path, tmp_path: Path):
    recipe = changed(checkpoint_every=1, ema=0.5)
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe.model_dump(mode="json")))
    in_two_processes(_INTERRUPTED, tmp_path, start, run)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert losses(broken) == losses(whole)
    ours, theirs = weights(whole / "model"), weights(broken / "model")
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())
    with pytest.raises(UnusableCheckpoint, match="written by 2 processes; resume it with as many, not 1"):
        train(recipe, model_dir=start, data=[str(run)], out=broken, resume=True)


_INTERRUPTED = """
import sys
from pathlib import Path
from trainer.train.loop import train
from trainer.train.recipe import read_recipe

folder, start, run = map(Path, sys.argv[1:])
recipe, given = read_recipe(folder / "recipe.yaml"), {"model_dir": start, "data": [str(run)]}

def stop(report):
    raise KeyboardInterrupt

train(recipe, out=folder / "whole", **given)
try:
    train(recipe, out=folder / "broken", on_step=stop, **given)
except KeyboardInterrupt:
    train(recipe, out=folder / "broken", resume=True, **given)
"""


def in_two_processes(code: str, *arguments: Path) -> None:
    """Run code in two processes on this machine, as `accelerate launch --cpu --num_processes 2` does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    shared = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    shared |= {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    processes = [
        subprocess.Popen(command, env=os.environ | shared | {"RANK": rank, "LOCAL_RANK": rank}) for rank in "01"
    ]
    assert [process.wait(timeout=250) for process in processes] == [0, 0]


def test_a_loss_that_is_no_number_stops_with_the_batch_saved(start: Path, run: Path, tmp_path: Path):
    model = ST4VLA.from_pretrained(start)
    torch.nn.init.constant_(model.action_expert.prediction.bias, float("nan"))
    spoiled = tmp_path / "spoiled"
    model.save_pretrained(spoiled)
    Processor.from_pretrained(start, model.config.observation).save_pretrained(spoiled)
    out = tmp_path / "out"
    with pytest.raises(Diverged, match=r"step 1: grounding loss [0-9.]+, action loss nan, .*diverged-00000001-00000"):
        train(RECIPE, model_dir=spoiled, data=[str(run)], out=out)
    batch = load_file(out / "diverged-00000001-00000.safetensors")
    assert batch["action.actions"].shape == (1, 16, 8)
    assert "grounding.inputs.input_ids" in batch
    assert not (out / "model").exists()
    train(changed(steps=1), model_dir=start, data=[str(run)], out=out)  # nothing was done, so that it may begin anew


def test_too_little_memory_says_what_to_lower():
    with (
        pytest.raises(OutOfMemory, match=r"lower action\.samples \(now 1\), or lower grounding\.pictures \(now 1\)"),
        explained_memory("a step", memory_remedy(RECIPE)),
    ):
        torch.empty(2**52)
    with pytest.raises(RuntimeError, match="shape"), explained_memory("a step", memory_remedy(RECIPE)):
        torch.zeros(2, 3) @ torch.zeros(2, 3)


def test_ranges_of_actions_can_be_kept_but_not_mixed(start: Path, run: Path, tmp_path: Path):
    first = train(changed(steps=1), model_dir=start, data=[str(run)], out=tmp_path / "first")
    keep = changed(steps=1, action=ActionRecipe(samples=1, statistics="keep"))
    second = train(keep, model_dir=first, data=[str(run)], out=tmp_path / "second")
    assert (second / "action_statistics.json").read_text() == (first / "action_statistics.json").read_text()
    other = changed(steps=1, action=ActionRecipe(samples=1, statistics="extremes"))
    with pytest.raises(ActionSpecMismatch, match="normalized by quantiles"):
        train(other, model_dir=first, data=[str(run)], out=tmp_path / "third")
    with pytest.raises(UnusableCheckpoint, match="not trained on actions"):
        train(keep, model_dir=start, data=[str(run)], out=tmp_path / "fourth")
