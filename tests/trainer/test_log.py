"""What a run writes about itself, which must not change the run."""

import sys
from pathlib import Path

import pytest
import torch

from tests.trainer.test_training import BOTH, Killed, kill_at, losses
from trainer.errors import MissingPackage
from trainer.model.st4vla import ST4VLA
from trainer.train.boards import open_boards
from trainer.train.log import MetricsLog, read_metrics
from trainer.train.loop import train
from trainer.train.recipe import LogRecipe
from trainer.train.throughput import training_flops


def test_measuring_changes_nothing_also_when_interrupted(start: Path, run: Path, tmp_path: Path):
    plain, measured = tmp_path / "plain", tmp_path / "measured"
    recipe = BOTH.model_copy(update={"steps": 2, "checkpoint_every": 1})
    train(recipe, model_dir=start, data=[str(run)], out=plain)
    log = LogRecipe(heldout=(str(run),), every=1, questions=1, gradients=2)
    recipe = recipe.model_copy(update={"log": log})
    with pytest.raises(Killed):
        train(recipe, model_dir=start, data=[str(run)], out=measured, on_step=kill_at(1))
    train(recipe, model_dir=start, data=[str(run)], out=measured, resume=True)
    assert losses(measured) == losses(plain)
    ours, theirs = (ST4VLA.from_pretrained(out / "model").state_dict() for out in (plain, measured))
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())

    probes = read_metrics(measured / "probes.jsonl")
    assert [row["step"] for row in probes] == [0, 1, 2]
    assert probes[0]["pss"] is None  # no gradient leaves the expert before its first step
    assert all(0 <= row["pss"] <= 1 and row["grounding_gradient"] > row["action_gradient"] > 0 for row in probes[1:])
    assert all(0 <= row[name] <= 1 for row in probes for name in ("unreadable", "box_iou_50", "point_accuracy"))
    assert not read_metrics(plain / "probes.jsonl")
    assert all(row["samples"] == 4 and row["mfu"] > 0 for row in read_metrics(plain / "metrics.jsonl"))


class TwoLayers(torch.nn.Module):
    """Takes a batch and None, as the model does."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = torch.nn.Linear(8, 16), torch.nn.Linear(16, 4)

    def forward(self, rows, _):
        return self.second(self.first(rows))


def test_operations_of_a_step_are_three_times_its_products_and_once_for_frozen_ones():
    model, first, second = TwoLayers(), 2 * 5 * 8 * 16, 2 * 5 * 16 * 4
    assert training_flops(model, torch.ones(5, 8), None) == 3 * (first + second)
    assert training_flops(model, torch.ones(5, 8), None, ["first"]) == first + 3 * second
    model.second.compile(backend="aot_eager")
    assert training_flops(model, torch.ones(5, 8), None) == 3 * (first + second)


def test_a_board_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(MissingPackage, match="pip install wandb"):
        open_boards(tmp_path, 0, BOTH.model_copy(update={"log": LogRecipe(wandb="project")}))


class Ended:
    """A board that keeps how runs ended."""

    def __init__(self) -> None:
        self.failed: list[bool] = []

    def add(self, values, step):
        """Nothing is shown."""

    def close(self, *, failed):
        self.failed.append(failed)


def test_boards_are_told_how_a_run_ended(tmp_path: Path):
    board = Ended()
    with MetricsLog(tmp_path, 0, [board]):
        pass
    with pytest.raises(Killed), MetricsLog(tmp_path, 0, [board]):
        raise Killed
    assert board.failed == [False, True]
