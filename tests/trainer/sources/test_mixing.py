import json
import shutil
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from torch.utils.data import Dataset

from assets_index.errors import InvalidConfig
from dataengine.storage.errors import CorruptBlock
from dataengine.storage.shard_set import ShardSet
from tests.lerobot_factory import write_lerobot
from tests.trainer.sources.test_lerobot import MAPPING, SPEC
from tests.trainer.test_training import kill_at, losses
from trainer.data.processor import Processor
from trainer.data.sources.conversations import Conversations
from trainer.data.sources.damage import Damage, DamageLog, Replacing
from trainer.data.sources.lerobot import LeRobotEpisodes
from trainer.data.sources.opening import action_sources, open_sources, question_sources, question_stream
from trainer.data.sources.source import Source, named_sources
from trainer.data.streams import GroundingStream, MixedStream, StepSampler, Stream, item_at
from trainer.errors import ActionSpecMismatch, DamagedItem, NoSamples, TooMuchDamage
from trainer.model.initialize import initialize_tiny
from trainer.train.loop import train
from trainer.train.recipe import ActionRecipe, GroundingRecipe, OptimizerRecipe, Recipe


class Numbered(Dataset[tuple[str, int]]):
    """Items of a source of so many, in the order of training."""

    def __init__(self, name: str, size: int, source: int) -> None:
        self.name, self.size, self.source = name, size, source

    def __getitem__(self, position: int) -> tuple[str, int]:
        return self.name, item_at(3, Stream.ACTION, position, self.size, self.source)[0]


def mixed(weights: list[float]) -> MixedStream:
    streams = [Numbered(name, size, i) for i, (name, size) in enumerate([("a", 300), ("b", 70), ("c", 5000)])]
    return MixedStream(streams, weights, Stream.ACTION, seed=3)


def test_sources_come_by_weight_and_each_item_once_in_an_epoch_of_its_own():
    drawn = [mixed([5, 3, 2])[i] for i in range(3000)]
    assert Counter(name for name, _ in drawn) == {"a": 1500, "b": 900, "c": 600}
    for name, size in (("a", 300), ("b", 70)):
        items = [item for source, item in drawn if source == name]
        for epoch in range(len(items) // size):
            assert sorted(items[epoch * size : (epoch + 1) * size]) == list(range(size))
    c = [item for source, item in drawn if source == "c"]
    assert len(set(c)) == len(c)


def test_where_a_run_stopped_plays_no_part_and_ranks_do_not_overlap():
    stream = mixed([1, 1, 0.2])
    whole = [stream[i] for i in range(2400)]
    later = mixed([1, 1, 0.2])
    assert [later[i] for i in range(1300, 2400)] == whole[1300:]
    ranks = [[i for step in StepSampler(0, 40, 30, rank, 2) for i in step] for rank in (0, 1)]
    assert sorted(ranks[0] + ranks[1]) == list(range(2400))


def test_a_weight_that_would_never_be_drawn_is_refused():
    with pytest.raises(InvalidConfig, match=r"below a thousandth of all: 0\.0001"):
        mixed([1, 1, 0.0001])


class Holed(Dataset[int]):
    """Every seventh item is damaged."""

    def __getitem__(self, position: int) -> int:
        item = item_at(0, Stream.ACTION, position, 70)[0]
        if item % 7 == 0:
            raise DamagedItem("", Damage("holed", 70, item, f"file {item} is broken"))
        return item


def test_damage_is_named_and_counted_and_another_item_takes_its_place(tmp_path: Path):
    drawn = [Replacing(Holed())[i] for i in range(70)]
    assert all(one.item % 7 for one in drawn)
    assert drawn == [Replacing(Holed())[i] for i in range(70)]
    log = DamageLog(tmp_path / "damaged.jsonl", 0.2)
    for one in drawn * 2:
        log.add_all(one.damage)
    rows = [json.loads(line) for line in (tmp_path / "damaged.jsonl").read_text().splitlines()]
    assert sorted(row["item"] for row in rows) == list(range(0, 70, 7))
    assert rows[0]["reason"] == f"file {rows[0]['item']} is broken"
    with (tmp_path / "damaged.jsonl").open("a") as file:
        file.write('{"source": "ho')  # a kill cut it off
    resumed = DamageLog(tmp_path / "damaged.jsonl", 0.1428, resume=True)
    resumed.add(Damage("holed", 70, 7, "again"))
    with pytest.raises(
        TooMuchDamage, match=r"holed: 11 of 70 items are damaged, max_damaged is 0\.1428; .*the last: new"
    ):
        resumed.add(Damage("holed", 70, 1, "new"))
    lines = (tmp_path / "damaged.jsonl").read_text().splitlines()
    assert [json.loads(line)["item"] for line in lines[-2:]] == [rows[-1]["item"], 1]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((56, 56, 3), 90, np.uint8))
    talk = [{"from": "human", "value": "<image>\nWhere?"}, {"from": "gpt", "value": "[0.1, 0.2, 0.5, 0.6]"}]
    lines = [json.dumps({"image": "a.png", "conversations": talk})] * 19
    lines.insert(4, json.dumps({"image": "absent.png", "conversations": talk}))
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(lines))
    return path


def sources_of(rows: Path, run: Path) -> tuple[Source, ...]:
    conversations = {"data": str(rows), "weight": 3, "conversations": {"coordinates": "unit"}}
    return tuple(Source.model_validate(entry) for entry in (conversations, {"data": str(run)}))


def test_data_are_recognized(rows: Path, run: Path, tmp_path: Path):
    (tmp_path / "more.yaml").write_text(
        yaml.safe_dump({"sources": [entry.model_dump(mode="json") for entry in sources_of(rows, run)]})
    )
    lerobot = write_lerobot(tmp_path / "lerobot")
    found = named_sources([str(run), str(rows), str(tmp_path / "more.yaml"), str(run), str(lerobot)])
    assert [(source.resolved_form, source.weight, len(source.data)) for source in found] == [
        ("shards", 1, 2),
        ("conversations", 1, 1),
        ("conversations", 3, 1),
        ("shards", 1, 1),
        ("lerobot", 1, 1),
    ]
    with pytest.raises(InvalidConfig, match="needs `lerobot`, which says what its features mean"):
        open_sources(found)
    opened = open_sources(found[:-1])
    assert [type(data) for _, data in question_sources(opened)] == [ShardSet, Conversations, Conversations, ShardSet]
    assert len(action_sources(opened)) == 2
    with pytest.raises(InvalidConfig, match="`use` has a meaning for shards only, these are conversations"):
        open_sources([Source(data=(str(rows),), use="questions")])
    with pytest.raises(NoSamples):
        action_sources(open_sources([Source(data=(str(run),), use="questions")]))


def test_both_sources_of_questions_are_in_the_stream(rows: Path, run: Path, processor: Processor):
    stream = Replacing(question_stream(question_sources(open_sources(sources_of(rows, run))), processor, seed=0))
    prompts = [processor.planner.tokenizer.decode(stream[i].item.input_ids) for i in range(40)]
    asked = sum("Where?<|im_end|>" in prompt for prompt in prompts)
    assert 20 < asked < 40


@pytest.mark.parametrize("most", [0.04, 0.06])
def test_training_counts_damage_and_resumes_exactly(start: Path, run: Path, rows: Path, tmp_path: Path, most: float):
    recipe = Recipe(
        steps=8,
        grounding=GroundingRecipe(pictures=4),
        optimizer=OptimizerRecipe(warmup=1),
        checkpoint_every=4,
        threads=1,
        sources=sources_of(rows, run),
        max_damaged=most,
    )
    out = tmp_path / "out"
    if most < 0.05:
        with pytest.raises(TooMuchDamage, match=r"1 of 20 items are damaged.*absent\.png"):
            train(recipe, model_dir=start, data=[], out=out)
        return
    train(recipe, model_dir=start, data=[], out=out)
    (line,) = (out / "damaged-00000.jsonl").read_text().splitlines()
    assert json.loads(line)["item"] == 4
    broken = tmp_path / "broken"
    with pytest.raises(BaseException):  # noqa: B017, PT011
        train(recipe, model_dir=start, data=[], out=broken, on_step=kill_at(5))
    train(recipe, model_dir=start, data=[], out=broken, resume=True)
    assert losses(broken) == losses(out)


def test_damaged_pictures_and_shards_are_counted(run: Path, start: Path, processor: Processor, tmp_path: Path):
    spoiled = tmp_path / "run"
    shutil.copytree(run, spoiled)
    pictures = spoiled / "shards" / "000000.zarr" / "frames" / "rgb" / "front" / "c" / "0" / "0" / "0" / "0"
    data = bytearray(pictures.read_bytes())
    data[:200] = bytes(200)
    pictures.write_bytes(data)
    stream = GroundingStream(ShardSet(spoiled), processor, seed=0)
    (damage,) = {damage for i in range(stream.size) for damage in Replacing(stream)[i].damage}
    assert (damage.size, damage.source) == (stream.size, stream.name)
    assert "frame 0 of camera front" in damage.reason

    (spoiled / "shards" / "000001.zarr" / "questions" / "row" / "c" / "0").write_bytes(b"nothing")
    given = {"model_dir": start, "data": [str(spoiled)]}
    recipe = Recipe(steps=1, grounding=GroundingRecipe(pictures=1), threads=1)
    with pytest.raises(TooMuchDamage, match=r"shards of .*: 1 of 2 items are damaged.*000001\.zarr/questions"):
        train(recipe, out=tmp_path / "strict", **given)
    train(recipe.model_copy(update={"max_damaged": 0.5}), out=tmp_path / "lenient", **given)
    with pytest.raises(CorruptBlock, match="questions"):
        question_stream(question_sources(open_sources(named_sources([str(spoiled)]))), processor, seed=0)


def test_a_policy_learns_from_lerobot_and_refuses_what_does_not_fit(run: Path, tmp_path: Path):
    root = write_lerobot(tmp_path / "lerobot")
    source = Source(data=(str(root),), lerobot=MAPPING)
    (tmp_path / "sources.yaml").write_text(yaml.safe_dump({"sources": [source.model_dump(mode="json")]}))
    initialize_tiny(tmp_path / "start", data=[str(tmp_path / "sources.yaml")], state=True)
    action = ActionRecipe(samples=2, statistics="extremes")
    recipe = Recipe(steps=2, action=action, optimizer=OptimizerRecipe(warmup=1), threads=1)
    given = {"model_dir": tmp_path / "start", "data": [str(tmp_path / "sources.yaml")]}
    model = train(recipe, out=tmp_path / "out", **given)
    config = json.loads((model / "config.json").read_text())
    assert config["action"]["names"] == list(SPEC.names)
    statistics = json.loads((model / "action_statistics.json").read_text())
    actions = np.concatenate([actions for actions, _ in LeRobotEpisodes(root, MAPPING).action_columns()])
    assert np.allclose(statistics["action"]["high"][:6], actions.max(0)[:6], atol=1e-6)
    with pytest.raises(ActionSpecMismatch, match="action mode is joint_delta, the checkpoint's is end_effector_delta"):
        train(recipe, out=tmp_path / "mixed", **{**given, "data": [*given["data"], str(run)]})
