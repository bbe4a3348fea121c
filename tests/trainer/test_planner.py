import numpy as np
import pytest
import torch

from trainer.data.processor import Processor
from trainer.model.st4vla import ST4VLA

QUESTIONS = [
    ("Where is the red block?", '{"bbox_2d":[1,2,30,40],"label":"red block"}'),
    ("How many blocks are there?", "1"),
    ("Is the red block left of the bowl?", "yes"),
]


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (56, 84, 3), dtype=np.uint8)


def test_questions_that_share_a_picture_do_not_see_each_other(model: ST4VLA, processor: Processor):
    packed = processor.grounding_batch(
        [processor.grounding_turn(picture(0), QUESTIONS), processor.grounding_turn(picture(1), QUESTIONS[:2])]
    )
    single = processor.grounding_batch(
        [processor.grounding_turn(picture(0), [question]) for question in QUESTIONS]
        + [processor.grounding_turn(picture(1), [question]) for question in QUESTIONS[:2]]
    )
    (together,), (apart,) = (model.planner.hidden_states(batch.inputs) for batch in (packed, single))
    assert torch.allclose(together[packed.labels != -100], apart[single.labels != -100], atol=1e-5)
    assert torch.allclose(model.planner.answer_loss(packed), model.planner.answer_loss(single), atol=1e-6)


def test_turns_that_share_a_row_do_not_see_each_other(model: ST4VLA, processor: Processor):
    turns = [processor.grounding_turn(picture(i), QUESTIONS[: 1 + i % 3]) for i in range(7)]
    results = []
    for row_tokens in (None, 4 * len(turns[2].input_ids)):
        batch = processor.grounding_batch(turns, row_tokens)
        model.zero_grad()
        loss = model.planner.answer_loss(batch)
        loss.backward()
        gradients = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
        results.append((loss.item(), gradients, batch.inputs.attention_mask))
    (apart, gradients, mask), (together, packed_gradients, packed_mask) = results
    assert together == pytest.approx(apart, abs=1e-6)
    assert gradients.keys() == packed_gradients.keys()
    for name, gradient in gradients.items():
        assert torch.allclose(packed_gradients[name], gradient, atol=1e-5, rtol=1e-3), name
    assert packed_mask.sum() == mask.sum()
    assert len(packed_mask) == 2
    assert (packed_mask == 0).sum() < (mask == 0).sum()


@pytest.mark.parametrize("side", ["left", "right"])
def test_positions_are_those_transformers_computes(model: ST4VLA, processor: Processor, side):
    turns = [
        processor.planner.encode([picture(i) for i in range(count)], [(question, None)])
        for count, (question, _) in enumerate(QUESTIONS, 1)
    ]
    inputs = processor.prompts(turns) if side == "left" else processor.planner.collate(turns)[0]
    expected, _ = model.planner.network.model.get_rope_index(
        inputs.input_ids,
        mm_token_type_ids=inputs.mm_token_type_ids,
        image_grid_thw=inputs.image_grid_thw,
        attention_mask=inputs.attention_mask,
    )
    assert torch.equal(inputs.position_ids, expected)


@pytest.mark.parametrize("sizes", [[(56, 84)] * 3, [(224, 224)] * 2, [(56, 84), (140, 252), (224, 224)]])
def test_pictures_are_seen_as_transformers_sees_them(model: ST4VLA, processor: Processor, sizes):
    pictures = [np.random.default_rng(i).integers(0, 256, (*size, 3), np.uint8) for i, size in enumerate(sizes)]
    inputs = processor.prompts([processor.planner.encode(pictures, [("Where?", None)])])
    network = type(model.planner.network)(model.planner.network.config)  # with transformers' own attention
    network.load_state_dict(model.planner.network.state_dict())
    tensors = {name: value for name, value in inputs.tensors().items() if name != "position_ids"}
    (states,) = model.planner.hidden_states(inputs)
    assert torch.allclose(states, network.eval().model(**tensors).last_hidden_state, atol=1e-5)


def test_loss_is_the_one_transformers_computes(model: ST4VLA, processor: Processor):
    batch = processor.grounding_batch([processor.grounding_turn(picture(0), [question]) for question in QUESTIONS])
    assert batch.inputs.branches is None  # plain rows: transformers can read them
    inputs = {name: value for name, value in batch.inputs.tensors().items() if name != "position_ids"}
    expected = model.planner.network(**inputs, labels=batch.labels).loss
    assert torch.allclose(model.planner.answer_loss(batch), expected, atol=1e-6)


def test_hidden_states_count_from_the_embedding_to_the_norm(model: ST4VLA, processor: Processor):
    inputs = processor.prompts([processor.grounding_turn(picture(0), [("Where?", None)])])
    layers = model.planner.network.config.text_config.num_hidden_layers
    last, top = model.planner.hidden_states(inputs, (-1, layers))
    assert torch.equal(last, top)


def test_answers_do_not_depend_on_who_else_is_in_the_batch(model: ST4VLA, processor: Processor):
    turns = [processor.grounding_turn(picture(i), [(question, None)]) for i, (question, _) in enumerate(QUESTIONS)]
    stop = processor.planner.stop
    together = model.planner.generate(processor.prompts(turns), stop=stop, max_tokens=8)
    for row, turn in enumerate(turns):
        alone = model.planner.generate(processor.prompts([turn]), stop=stop, max_tokens=8)[0]
        assert torch.equal(together[row, : len(alone)], alone)
