from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForImageTextToText, Florence2Processor
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from assets_index.errors import InvalidConfig
from dataengine.questions.answers import render_answer
from dataengine.storage.shard_set import ShardSet
from tests.trainer.test_planner import QUESTIONS, picture
from trainer.data.batches import GroundingBatch
from trainer.errors import TooManyTokens
from trainer.evaluate.grounding import GroundingEvaluation, evaluate_grounding
from trainer.evaluate.policy import Policy
from trainer.model.initialize import initialize_tiny
from trainer.model.st4vla import ST4VLA
from trainer.planners.florence import IMAGE_TOKEN, FlorenceImages, FlorencePlanner, FlorenceProcessor, with_locations
from trainer.train.loop import train
from trainer.train.recipe import ActionRecipe, GroundingRecipe, Recipe


@pytest.fixture(scope="session")
def florence_start(tmp_path_factory: pytest.TempPathFactory, run: Path) -> Path:
    out = tmp_path_factory.mktemp("models") / "florence"
    initialize_tiny(out, backbone="florence", data=[str(run)])
    return out


@pytest.fixture(scope="module")
def florence(florence_start: Path) -> FlorenceProcessor:
    return FlorenceProcessor.from_pretrained(florence_start / "planner")


@pytest.fixture(scope="module")
def planner(florence_start: Path) -> FlorencePlanner:
    return ST4VLA.from_pretrained(florence_start).planner


def batch_of(florence: FlorenceProcessor, turns: list) -> GroundingBatch:
    return GroundingBatch(*florence.collate(turns))


def test_rows_with_different_numbers_of_pictures_are_refused(florence: FlorenceProcessor):
    turns = [florence.encode([picture(i) for i in range(count)], [QUESTIONS[0]]) for count in (1, 2)]
    with pytest.raises(InvalidConfig, match=r"as many pictures in every row.*grounding\.pictures"):
        florence.collate(turns)


def test_loss_is_the_one_transformers_computes(planner: FlorencePlanner, florence: FlorenceProcessor):
    batch = batch_of(florence, [florence.encode([picture(i)], [question]) for i, question in enumerate(QUESTIONS)])
    inputs = {name: value for name, value in vars(batch.inputs).items() if name != "pictures"}
    expected = planner.network(**inputs, labels=batch.labels).loss
    assert torch.allclose(planner.answer_loss(batch), expected, atol=1e-6)


def test_questions_that_share_a_picture_do_not_see_each_other(planner: FlorencePlanner, florence: FlorenceProcessor):
    packed = batch_of(florence, [florence.encode([picture(0)], QUESTIONS), florence.encode([picture(1)], QUESTIONS)])
    single = batch_of(florence, [florence.encode([picture(i)], [pair]) for i in (0, 1) for pair in QUESTIONS])
    assert len(packed.inputs.pixel_values) == 2
    assert torch.allclose(planner.answer_loss(packed), planner.answer_loss(single), atol=1e-6)


def test_hidden_states_count_from_the_embedding_to_the_end(planner: FlorencePlanner, florence: FlorenceProcessor):
    inputs = florence.prompts([florence.encode([picture(0), picture(1)], [("Where?", None)])])
    layers = planner.network.config.text_config.encoder_layers
    last, top = planner.hidden_states(inputs, (-1, layers))
    assert torch.equal(last, top)
    assert last.shape == (*inputs.attention_mask.shape, planner.width)
    assert (inputs.input_ids == florence.image_token).sum() == 2 * florence.images.tokens


def test_answers_do_not_depend_on_who_else_is_in_the_batch(planner: FlorencePlanner, florence: FlorenceProcessor):
    turns = [florence.encode([picture(i)], [(question, None)]) for i, (question, _) in enumerate(QUESTIONS)]
    together = planner.generate(florence.prompts(turns), stop=florence.stop, max_tokens=8)
    for row, turn in enumerate(turns):
        alone = planner.generate(florence.prompts([turn]), stop=florence.stop, max_tokens=8)[0]
        assert torch.equal(together[row, : len(alone)], alone)


def test_coordinates_are_location_tokens_and_come_back(florence: FlorenceProcessor, shards: ShardSet):
    resizing = florence.resizing(56, 56)
    answers = [render_answer(shards.grounding(i), resizing).answer for i in range(shards.grounding_count)]
    answers += ['<points x1="3" y1="999" alt="tag 35">tag 35</points>', "there are 12, or [3 or 4]"]
    for answer in answers:
        (tokens,) = florence.encode([picture(0)], [("Where?", answer)]).answers
        assert florence.decode(torch.tensor([tokens])) == [answer.replace("1000", "999")]
    assert with_locations('{"bbox_2d":[1,2,30,1000],"label":"a"}') == (
        '{"bbox_2d":[<loc_1>,<loc_2>,<loc_30>,<loc_999>],"label":"a"}'
    )


@pytest.mark.parametrize("size", [(224, 224), (480, 640)])
def test_pictures_are_those_of_transformers(size, tmp_path, florence: FlorenceProcessor):
    FlorenceProcessor(florence.tokenizer, FlorenceImages()).save_pretrained(tmp_path)
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    expected = CLIPImageProcessorPil.from_pretrained(tmp_path)(images=[image], return_tensors="np")["pixel_values"][0]
    assert np.allclose(FlorenceImages().planes(image), expected, atol=1e-6)
    assert FlorenceProcessor.from_pretrained(tmp_path).images == FlorenceImages()
    assert FlorenceImages().tokens == 577


@pytest.mark.parametrize("question", ["Where is the red block?", "  Put it away, twice: <loc_7>  ", "Où? 机器人 🤖"])
def test_a_prompt_is_what_transformers_processor_makes(question, tmp_path, florence: FlorenceProcessor):
    florence.save_pretrained(tmp_path)
    tokenizer = florence.tokenizer
    tokenizer.image_token, tokenizer.image_token_id = IMAGE_TOKEN, florence.image_token
    theirs = Florence2Processor(CLIPImageProcessorPil.from_pretrained(tmp_path), tokenizer)
    expected = theirs(text=[question], images=[picture(0)], return_tensors="pt")
    inputs = florence.prompts([florence.encode([picture(0)], [(question, None)])])
    assert inputs.input_ids.tolist() == expected["input_ids"].tolist()
    assert inputs.attention_mask.tolist() == expected["attention_mask"].tolist()
    assert torch.allclose(inputs.pixel_values, expected["pixel_values"], atol=1e-6)


def test_more_than_it_can_read_is_an_error(planner: FlorencePlanner, florence: FlorenceProcessor):
    inputs = florence.prompts(
        [florence.encode([picture(0)] * (1024 // florence.images.tokens + 1), [("Where?", None)])]
    )
    with pytest.raises(TooManyTokens, match="fewer planner cameras"):
        planner.hidden_states(inputs)


def test_the_planner_is_a_checkpoint_that_transformers_loads(florence_start: Path, planner: FlorencePlanner):
    network = AutoModelForImageTextToText.from_pretrained(florence_start / "planner")
    weights = planner.network.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in network.state_dict().items())


def test_without_questions_only_what_actions_reach_is_trained(planner: FlorencePlanner, florence: FlorenceProcessor):
    idle = {id(p) for part in planner.only_answering((2,)) for p in part.parameters()}
    inputs = florence.prompts([florence.encode([picture(0)], [("Put it away.", None)])])
    (states,) = planner.hidden_states(inputs, (2,))
    states.sum().backward()
    for name, parameter in planner.named_parameters():
        assert (parameter.grad is None) == (id(parameter) in idle), name
    planner.zero_grad(set_to_none=True)


def test_both_stages_train_it_and_it_answers_and_acts(
    florence_start: Path, run: Path, shards: ShardSet, tmp_path: Path
):
    recipe = Recipe(steps=1, grounding=GroundingRecipe(pictures=1), action=ActionRecipe(samples=1), threads=1)
    trained = train(recipe, model_dir=florence_start, data=[str(run)], out=tmp_path)
    policy = Policy.from_pretrained(trained)
    pictures = {name: shards.rgb(name, 0) for name in shards.cameras}
    assert np.isfinite(policy.act("Put the block into the bowl.", pictures, np.zeros(8))).all()
    asked = GroundingEvaluation(per_kind=1, max_tokens=4)
    reports = evaluate_grounding(policy.model, policy.processor, shards, shards, asked)
    assert reports["box"].samples == 1
