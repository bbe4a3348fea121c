import numpy as np

from trainer.data.processor import Processor
from trainer.planners.interface import IGNORED_LABEL
from trainer.planners.qwen_chat import END_OF_TURN, opening_text, question_text

PICTURE = np.full((56, 56, 3), 120, np.uint8)
ANSWER = '{"bbox_2d":[1,2,30,40],"label":"red block"}'


def test_text_is_what_the_chat_template_makes(processor: Processor):
    messages = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Where is it?"}]}]
    expected = processor.planner.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert opening_text([1]) + question_text("Where is it?") == expected


def test_a_picture_takes_as_many_tokens_as_it_has_merged_patches(processor: Processor):
    turn = processor.grounding_turn(PICTURE, [("Where is it?", ANSWER)])
    image_token = processor.planner.tokenizer.convert_tokens_to_ids("<|image_pad|>")
    assert (turn.input_ids == image_token).sum() == 4
    assert len(turn.patches) == 16


def test_only_the_answer_and_the_end_of_its_turn_are_supervised(processor: Processor):
    turn = processor.grounding_turn(PICTURE, [("Where is it?", ANSWER), ("How many?", "2")])
    supervised = turn.labels != IGNORED_LABEL
    assert processor.planner.tokenizer.decode(turn.labels[supervised]) == f"{ANSWER}{END_OF_TURN}2{END_OF_TURN}"
    assert np.array_equal(turn.labels[supervised], turn.input_ids[supervised])


def test_a_coordinate_is_one_token_per_digit(processor: Processor):
    assert processor.planner.tokenizer.tokenize("[123,45]")[1:4] == ["1", "2", "3"]


def test_any_text_survives_the_tokenizer(processor: Processor):
    text = 'Grüße, 机器人 <box x1="3"> 🤖 it\'s'
    assert processor.planner.tokenizer.decode(processor.planner.tokenizer.encode(text)) == text
