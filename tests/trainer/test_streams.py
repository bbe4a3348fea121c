import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from torch.utils.data import DataLoader

from dataengine.actions import ActionSpec
from dataengine.storage.block import block_path
from dataengine.storage.shard_set import ShardSet
from dataengine.storage.shard_writer import write_shard
from tests.shard_factory import make_clip, shard_meta
from trainer.data.action_data import check_actions
from trainer.data.processor import Processor
from trainer.data.statistics import action_statistics
from trainer.data.streams import (
    ActionStream,
    GroundingStream,
    StepSampler,
    Stream,
    item_at,
    pictures_with_questions,
)
from trainer.errors import ActionSpecMismatch, MissingCamera, NoSamples
from trainer.model.config import ObservationSpec


def test_every_item_comes_once_in_each_epoch():
    for epoch in range(2):
        drawn = [item_at(5, Stream.ACTION, 7 * epoch + i, 7)[0] for i in range(7)]
        assert sorted(drawn) == list(range(7))


def test_ranks_read_disjoint_parts_of_every_step():
    both = [list(StepSampler(2, 4, 3, rank, 2)) for rank in (0, 1)]
    assert both == [[[12, 13, 14], [18, 19, 20]], [[15, 16, 17], [21, 22, 23]]]


def test_questions_are_grouped_by_picture(shards: ShardSet):
    pictures = pictures_with_questions(shards)
    assert sorted(np.concatenate(pictures).tolist()) == list(range(shards.grounding_count))
    for questions in pictures:
        frames = {shards.grounding(int(i)).frame for i in questions}
        assert len(frames) == 1
    assert len(pictures) == 2 * shards.frame_rows


def test_kinds_can_be_chosen(shards: ShardSet):
    chosen = np.concatenate(pictures_with_questions(shards, kinds=["box"]))
    assert {shards.grounding(int(i)).kind for i in chosen} == {"box"}


def test_a_batch_is_the_same_from_any_number_of_workers(shards: ShardSet, processor: Processor):
    stream = GroundingStream(shards, processor, seed=0, per_picture=2)
    batches = [
        list(
            DataLoader(
                stream,
                batch_sampler=StepSampler(3, 6, 2),
                collate_fn=processor.grounding_batch,
                num_workers=workers,
                multiprocessing_context="spawn" if workers else None,
            )
        )
        for workers in (0, 2)
    ]
    for ours, theirs in zip(*batches, strict=True):
        assert np.array_equal(ours.inputs.input_ids, theirs.inputs.input_ids)
        assert np.array_equal(ours.inputs.pixel_values, theirs.inputs.pixel_values)


def test_an_action_item_holds_the_commands_of_its_moment(shards: ShardSet, processor: Processor):
    stream = ActionStream(shards, processor, ActionSpec(), seed=0)
    index, _ = item_at(0, Stream.ACTION, 11, shards.action_count)
    sample, item = shards.action(index), stream[11]
    assert item.actions is not None
    assert item.valid is not None
    assert np.array_equal(item.valid, ~sample.padded)
    inside = np.abs(item.actions) < 1
    restored = processor.restore_actions(item.actions)
    assert np.allclose(restored[inside], sample.actions[inside], atol=1e-5)
    prompt = processor.planner.tokenizer.decode(item.turn.input_ids)
    assert "Figure out how to execute it, then locate the key object needed.<|im_end|>" in prompt
    assert any(instruction in prompt for instruction in sample.instructions)


def test_failed_tries_and_disturbances_are_not_imitated(tmp_path: Path, processor: Processor):
    clip = make_clip(0, steps=20)
    (subtask,) = clip.meta.subtasks
    tried = subtask.model_copy(update={"failed_tries": ((4, 9),)})
    meta = clip.meta.model_copy(update={"subtasks": (tried,), "disturbances": ("slip",), "disturbed": ((12, 14),)})
    write_shard(block_path(tmp_path / "shards", 0), shard_meta(), [dataclasses.replace(clip, meta=meta)])
    shards = ShardSet(tmp_path)
    steps = [shards.action(int(i)).step for i in shards.action_indices(to_imitate=True)]
    assert steps == [*range(4), *range(9, 12), *range(14, 20)]
    assert action_statistics([shards], "quantiles").steps == len(steps)
    assert action_statistics([shards], "quantiles", failures=True).steps == 20
    chunk = ActionSpec().chunk
    valid = {}
    stream = ActionStream(shards, processor, ActionSpec(), seed=0)
    for position in range(len(steps)):
        index, _ = item_at(0, Stream.ACTION, position, len(steps))
        valid[steps[index]] = int(stream[position].valid.sum())
    ends = {step: next(end for end in (4, 12, 20) if step < end) for step in steps}
    assert valid == {step: min(chunk, ends[step] - step) for step in steps}
    everything = ActionStream(shards, processor, ActionSpec(), seed=0, failures=True)
    position = next(p for p in range(20) if item_at(0, Stream.ACTION, p, 20)[0] == 4)
    assert everything[position].valid.sum() == min(chunk, 16)


def test_what_does_not_fit_is_named(shards: ShardSet):
    with pytest.raises(ActionSpecMismatch, match=r"rate is 20\.0, the checkpoint's is 10\.0"):
        check_actions(shards, ObservationSpec(), ActionSpec(rate=10.0))
    with pytest.raises(MissingCamera, match="'overhead'"):
        check_actions(shards, ObservationSpec(cameras=("overhead",)), ActionSpec())


def test_no_questions_of_a_kind_is_an_error(shards: ShardSet, processor: Processor):
    with pytest.raises(NoSamples):
        GroundingStream(shards, processor, seed=0, kinds=["region"])


def test_reading_data_needs_no_simulator():
    code = "import sys, trainer.data.streams; print([m for m in ('mujoco', 'open3d', 'trimesh') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
