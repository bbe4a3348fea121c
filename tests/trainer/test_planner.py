import numpy as np
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


def test_loss_is_the_one_transformers_computes(model: ST4VLA, processor: Processor):
    batch = processor.grounding_batch([processor.grounding_turn(picture(0), [question]) for question in QUESTIONS])
    inputs = {name: value for name, value in vars(batch.inputs).items() if name != "branches"}
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
