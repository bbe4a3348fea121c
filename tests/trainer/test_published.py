"""The models of the paper at their real size, on torch's meta device: shapes and counts, but no numbers."""

from dataclasses import replace

import pytest
import torch

from dataengine.storage.shard_set import ShardSet
from trainer.data.processor import Processor
from trainer.data.streams import ActionStream
from trainer.model.published import paper_model
from trainer.model.sizes import BASE
from trainer.model.st4vla import ST4VLA


@pytest.fixture(scope="module")
def model(processor: Processor) -> ST4VLA:
    with torch.device("meta"):
        return paper_model(processor.planner.tokenizer)


def parameters(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_sizes_are_the_published_ones(model: ST4VLA):
    assert parameters(model.planner) == 3_754_622_976
    assert parameters(model.encoder) == 22_056_576
    assert parameters(model.querying_transformer) == 8_710_656
    assert parameters(model.action_expert) == pytest.approx(86.5e6, rel=0.01)


def test_a_step_and_a_chunk_have_the_right_shapes(model: ST4VLA, processor: Processor, shards: ShardSet):
    stateless = processor.observation.model_copy(update={"planner_cameras": ("front", "wrist"), "state": False})
    stream = ActionStream(shards, replace(processor, observation=stateless), BASE.action, seed=0)
    batch = processor.action_batch([stream[0], stream[1]])
    grids = batch.inputs.image_grid_thw  # the layout of the patches is computed from their values
    meta = replace(batch.to("meta"), inputs=replace(batch.inputs.to("meta"), image_grid_thw=grids))
    (states,) = model.planner.hidden_states(meta.inputs)
    assert states.shape == (*batch.inputs.input_ids.shape, 2048)
    condition, expert = model.condition(meta), model.action_expert
    assert condition.shape == (2, 64, 768)
    assert expert.loss(meta.actions, meta.valid, condition).shape == ()
    noise = torch.empty(2, BASE.action.chunk, len(BASE.action.names), device="meta")
    assert expert.sample(condition, noise).shape == noise.shape
