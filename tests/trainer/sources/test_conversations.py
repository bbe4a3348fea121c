import json
import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest

from assets_index.errors import InvalidConfig
from assets_index.schema import validate
from dataengine.questions.answers import pixel_box
from dataengine.storage.errors import UnreadableData
from trainer.data.processor import Processor
from trainer.data.sources.conversations import BrokenRow, Conversations
from trainer.data.sources.source import ConversationForm
from trainer.data.streams import ConversationStream
from trainer.errors import DamagedItem

LLAVA = {
    "id": "1",
    "image": "a.png",
    "conversations": [
        {"from": "human", "value": "<image>\nWhere is the cup?"},
        {"from": "gpt", "value": "[0.25, 0.5, 0.5, 1.0]"},
        {"from": "human", "value": "And the red one?"},
        {"from": "gpt", "value": "[0.0, 0.0, 0.5, 0.5]"},
    ],
}
QWEN = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "image", "image": "file://a.png"},
                {"type": "image", "image": "b.png"},
                {"type": "text", "text": "Which is brighter?"},
            ],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "The second."}]},
    ],
}
SWIFT = {
    "images": ["a.png", "b.png"],
    "messages": [
        {"role": "user", "content": "Is <image> like <image>?"},
        {"role": "assistant", "content": "No."},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, level in (("a.png", 10), ("b.png", 200)):
        cv2.imwrite(str(tmp_path / name), np.full((40, 80, 3), level, np.uint8))
    return tmp_path


def conversations(folder: Path, rows: list, coordinates: str | None = None, images: str | None = None) -> Conversations:
    path = folder / "rows.jsonl"
    path.write_text("\n\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return Conversations(path, ConversationForm(coordinates=coordinates, images=images))


def test_llava_and_qwen_say_the_same_things(folder: Path):
    rows = conversations(folder, [LLAVA, QWEN, SWIFT])
    assert len(rows) == 3
    first, second, third = (rows.row(i) for i in range(3))
    assert first.exchanges[0] == ("Where is the cup?", "[0.25, 0.5, 0.5, 1.0]")
    assert len(first.exchanges) == 2
    assert first.pictures == (folder / "a.png",)
    assert second.exchanges == (("Be brief.\nWhich is brighter?", "The second."),)
    assert second.pictures == (folder / "a.png", folder / "b.png")
    assert third.exchanges == (("Is picture 1 like picture 2?", "No."),)


def test_a_list_in_one_file_reads_like_lines(folder: Path):
    (folder / "rows.json").write_text(json.dumps([LLAVA, SWIFT], indent=2))
    listed = Conversations(folder / "rows.json", ConversationForm())
    lines = conversations(folder, [LLAVA, SWIFT])
    assert [listed.row(i) for i in range(2)] == [lines.row(i) for i in range(2)]
    again = pickle.loads(pickle.dumps(listed))
    assert again.row(1) == lines.row(1)


def test_pictures_may_lie_elsewhere(folder: Path):
    assert conversations(folder, [LLAVA], images="/data/coco").row(0).pictures == (Path("/data/coco/a.png"),)


def test_a_row_is_a_turn_with_coordinates_as_the_planner_sees_them(folder: Path, processor: Processor):
    stream = ConversationStream(conversations(folder, [LLAVA], "unit"), processor, seed=0, per_picture=2)
    turn = stream[0]
    answers = processor.planner.tokenizer.decode(turn.input_ids[turn.labels >= 0])
    resizing = processor.planner.resizing(40, 80)
    boxes = [pixel_box(box, resizing) for box in ((20, 20, 40, 40), (0, 0, 40, 20))]
    assert answers == "".join(f"[{','.join(map(str, box))}]<|im_end|>" for box in boxes)
    pictures = conversations(folder, [QWEN])
    assert len(ConversationStream(pictures, processor, seed=0)[0].grids) == 2


def test_in_a_dialogue_a_question_comes_after_what_was_said(folder: Path, processor: Processor):
    rows = conversations(folder, [LLAVA], "unit")
    rows.form = ConversationForm(coordinates="unit", dialogue=True)
    turn = ConversationStream(rows, processor, seed=0, per_picture=2)[0]
    words = processor.planner.tokenizer.decode(turn.input_ids[turn.branches == 2])
    first = processor.planner.tokenizer.decode(turn.input_ids[turn.branches == 1])
    assert words.startswith(f"{first}\n<|im_start|>user\nAnd the red one?<|im_end|>\n<|im_start|>assistant\n[")
    supervised = processor.planner.tokenizer.decode(turn.input_ids[turn.labels >= 0])
    assert supervised.count("<|im_end|>") == 2


def test_coordinates_of_unknown_unit_are_refused(folder: Path, processor: Processor):
    row = json.loads(json.dumps(LLAVA).replace("[0.25, 0.5, 0.5, 1.0]", '{\\"bbox_2d\\": [1, 2, 3, 4]}'))
    with pytest.raises(DamagedItem, match="say what unit they have, with `coordinates`"):
        ConversationStream(conversations(folder, [row]), processor, seed=0, per_picture=2)[0]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("{broken", "JSONDecodeError"),
        ({**LLAVA, "image": []}, "no picture"),
        ({**LLAVA, "image": ["a.png", "b.png"]}, "2 pictures and marks 1"),
        ({**LLAVA, "conversations": LLAVA["conversations"][:1]}, "a question without an answer"),
        ({**LLAVA, "conversations": LLAVA["conversations"][1:]}, "an answer without a question"),
        ({"image": "a.png"}, "KeyError: 'messages'"),
        ({"image": "a.png", "messages": []}, "nothing is asked"),
    ],
)
def test_a_broken_row_is_named(folder: Path, row, complaint: str):
    with pytest.raises(BrokenRow, match=complaint):
        conversations(folder, [row]).row(0)


def test_an_unusable_file_is_refused_at_once(tmp_path: Path):
    for name, text in (
        ("no.jsonl", None),
        ("bad.json", "[{"),
        ("map.json", '{"a": 1}'),
        ("empty.jsonl", ""),
        ("none.json", "[]"),
    ):
        if text is not None:
            (tmp_path / name).write_text(text)
        with pytest.raises(UnreadableData, match=name):
            Conversations(tmp_path / name, ConversationForm())
    with pytest.raises(InvalidConfig, match="coordinates"):
        validate({"coordinates": "inches"}, ConversationForm, "sources.yaml")
