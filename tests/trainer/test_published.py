"""The models of the paper at their real size, on torch's meta device: shapes and counts, but no numbers."""

from dataclasses import replace

import pytest
import torch
from transformers import Dinov2Model, Qwen2_5_VLForConditionalGeneration

from dataengine.storage.shard_set import ShardSet
from trainer.data.processor import Processor
from trainer.data.streams import ActionStream
from trainer.model.published import dinov2_small_config, qwen_3b_config
from trainer.model.sizes import BASE
from trainer.model.st4vla import ST4VLA
from trainer.planners.qwen import QwenPlanner


@pytest.fixture(scope="module")
def paper_model(processor: Processor) -> ST4VLA:
    with torch.device("meta"):
        planner = QwenPlanner(Qwen2_5_VLForConditionalGeneration(qwen_3b_config(processor.planner.tokenizer)))
        return ST4VLA(BASE, planner, Dinov2Model(dinov2_small_config()))


def parameters(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_sizes_are_the_published_ones(paper_model: ST4VLA):
    assert parameters(paper_model.planner) == 3_754_622_976
    assert parameters(paper_model.encoder) == 22_056_576
    assert parameters(paper_model.querying_transformer) == 8_710_656
    assert parameters(paper_model.action_expert) == pytest.approx(86.5e6, rel=0.01)


def test_a_step_and_a_chunk_have_the_right_shapes(paper_model: ST4VLA, processor: Processor, shards: ShardSet):
    stateless = processor.observation.model_copy(update={"planner_cameras": ("front", "wrist"), "state": False})
    stream = ActionStream(shards, replace(processor, observation=stateless), BASE.action, seed=0)
    batch = processor.action_batch([stream[0], stream[1]])
    grids = batch.inputs.image_grid_thw  # the layout of the patches is computed from their values
    meta = replace(batch.to("meta"), inputs=replace(batch.inputs.to("meta"), image_grid_thw=grids))
    (states,) = paper_model.planner.hidden_states(meta.inputs)
    assert states.shape == (*batch.inputs.input_ids.shape, 2048)
    condition, expert = paper_model.condition(meta), paper_model.action_expert
    assert condition.shape == (2, 64, 768)
    assert expert.loss(meta.actions, meta.valid, condition).shape == ()
    noise = torch.empty(2, BASE.action.chunk, len(BASE.action.names), device="meta")
    assert expert.sample(condition, noise).shape == noise.shape
