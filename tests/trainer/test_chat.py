import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import ProcessorMixin, Qwen2_5_VLProcessor
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from trainer.data.processor import Processor
from trainer.planners.interface import IGNORED_LABEL
from trainer.planners.qwen_chat import END_OF_TURN, opening_text, question_text

PICTURE = np.full((56, 56, 3), 120, np.uint8)
ANSWER = '{"bbox_2d":[1,2,30,40],"label":"red block"}'


def test_text_is_what_the_chat_template_makes(processor: Processor):
    messages = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Where is it?"}]}]
    expected = processor.planner.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert opening_text([1]) + question_text("Where is it?") == expected


class PictureProcessor(Qwen2_5_VLProcessor):
    """transformers' own processor without its part for videos, which needs torchvision."""

    def __init__(self, image_processor, tokenizer):
        ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=tokenizer.chat_template)
        self.image_token = "<|image_pad|>"
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        self.video_token, self.video_token_id = "<|video_pad|>", tokenizer.convert_tokens_to_ids("<|video_pad|>")


WORDS = st.text(max_size=30).filter(lambda text: text == text.strip() and "<|" not in text)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(20, 200), st.integers(20, 200)), min_size=1, max_size=3), WORDS, WORDS)
def test_a_turn_is_what_transformers_processor_makes_bit_for_bit(processor: Processor, sizes, question, answer):
    planner = processor.planner
    pictures = [np.random.default_rng(i).integers(0, 256, (*size, 3), np.uint8) for i, size in enumerate(sizes)]
    content = [*({"type": "image"} for _ in pictures), {"type": "text", "text": question}]
    messages = [{"role": "user", "content": content}, {"role": "assistant", "content": answer}]
    theirs = PictureProcessor(Qwen2VLImageProcessorPil(**planner.images.model_dump()), planner.tokenizer)
    expected = theirs(text=[theirs.apply_chat_template(messages, tokenize=False)], images=pictures, return_tensors="pt")
    inputs, _ = planner.collate([planner.encode(pictures, [(question, answer)])])
    length = expected["input_ids"].shape[1] - 1  # their template ends with a line feed behind the turn
    assert inputs.input_ids.tolist() == expected["input_ids"][:, :length].tolist()
    assert inputs.mm_token_type_ids.tolist() == expected["mm_token_type_ids"][:, :length].tolist()
    assert inputs.pixel_values.equal(expected["pixel_values"])
    assert inputs.image_grid_thw.equal(expected["image_grid_thw"])


def test_a_picture_takes_as_many_tokens_as_it_has_merged_patches(processor: Processor):
    turn = processor.grounding_turn(PICTURE, [("Where is it?", ANSWER)])
    image_token = processor.planner.tokenizer.convert_tokens_to_ids("<|image_pad|>")
    assert len(turn.patches) == 16
    assert (turn.input_ids == image_token).sum() == 16 // processor.planner.images.merge_size**2


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
