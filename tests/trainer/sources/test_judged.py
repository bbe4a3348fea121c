import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from assets_index.errors import InvalidConfig
from tests.trainer.test_cli import invoke
from trainer.data.processor import Processor
from trainer.data.sources.conversations import Conversations
from trainer.data.sources.judged import JudgedConversations, judged_questions
from trainer.data.sources.source import ConversationForm
from trainer.errors import DamagedItem, NoSamples
from trainer.evaluate.grounding import GroundingEvaluation, evaluate_grounding
from trainer.model.st4vla import ST4VLA


def exchange(question: str, answer: str) -> list[dict[str, str]]:
    return [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A box, a point with a mask, a point without, and what cannot be judged."""
    cv2.imwrite(str(tmp_path / "a.png"), np.full((50, 100, 3), 90, np.uint8))
    mask = np.zeros((50, 100), np.uint8)
    mask[:, 50:] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), mask)
    conversations = [
        {"conversations": exchange("Where is it?", "[0.1, 0.2, 0.5, 0.6]") + exchange("What is it?", "A cup.")},
        {"conversations": exchange("Point to it.", '<point x="0.7" y="0.5" alt="it">it</point>'), "mask": "mask.png"},
        {"conversations": exchange("Point to it.", "[(0.7, 0.5), (0.2, 0.2)]")},
        {"conversations": exchange("What is in [0.1, 0.2, 0.5, 0.6]?", "[0.1, 0.2, 0.5, 0.6]")},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps({"image": "a.png", **row}) for row in conversations))
    return path


def judged(rows: Path) -> JudgedConversations:
    return JudgedConversations(Conversations(rows, ConversationForm(coordinates="unit")))


def test_boxes_and_points_become_questions_in_pixels(rows: Path):
    data = judged(rows)
    samples = [data.grounding(i) for i in range(data.grounding_count)]
    assert [(sample.kind, sample.frame.episode, sample.frame.camera) for sample in samples] == [
        ("box", 0, "100x50"),
        ("point", 1, "100x50"),
        ("point", 2, "100x50"),
    ]
    assert samples[0].boxes == ((10, 10, 50, 30),)
    assert samples[2].points == ((70, 25), (20, 10))
    assert data.grounding_indices(kinds=("point",)).tolist() == [1, 2]
    ids, bodies = data.grounding_proof(1)
    assert ids is not None
    assert (ids == bodies["target"]).sum() == 50 * 50
    assert data.grounding_proof(2)[0] is None
    assert data.grounding_picture(0).shape == (50, 100, 3)
    (rows.parent / "mask.png").unlink()
    with pytest.raises(DamagedItem, match=r"item 1: .*mask\.png"):
        data.grounding_proof(1)


class Oracle:
    """Says the same to every question."""

    stop = 0

    def __init__(self, answer: str) -> None:
        self._answer = answer

    def generate(self, inputs, *, stop: int, max_tokens: int):  # noqa: ARG002
        return inputs.input_ids[:, :1]

    def decode(self, tokens) -> list[str]:
        return [self._answer] * len(tokens)


def test_answers_are_judged_where_there_is_something_to_judge_them_by(
    rows: Path, model: ST4VLA, processor: Processor, monkeypatch: pytest.MonkeyPatch
):
    data = judged(rows)
    resizing = processor.planner.resizing(50, 100)
    x, y = resizing.to_shown((70, 25)).astype(int).tolist()
    oracle = Oracle(json.dumps({"point_2d": [x, y], "bbox_2d": [0, 0, 1, 1]}))
    monkeypatch.setattr(model.planner, "generate", oracle.generate)
    monkeypatch.setattr(type(processor.planner), "decode", lambda _, tokens: oracle.decode(tokens))
    report = evaluate_grounding(model, processor, data, data, GroundingEvaluation())
    assert set(report) == {"box", "point"}
    assert report["point"].model["accuracy"] == 1.0
    assert report["point"].model["distance"] < 1.0
    assert report["box"].baseline["iou_50"] == 1.0
    assert report["box"].model["iou_50"] == 0.0


def test_one_source_is_judged_at_a_time_and_nothing_is_left_out(rows: Path, run: Path, start: Path, tmp_path: Path):
    entry = {"data": str(rows), "conversations": {"coordinates": "unit"}}
    (tmp_path / "refcoco.yaml").write_text(yaml.safe_dump({"sources": [entry]}))
    printed = invoke("evaluate", "grounding", "--checkpoint", start, "--data", tmp_path / "refcoco.yaml", "--json")
    assert json.loads(printed)["box"]["samples"] == 1
    with pytest.raises(InvalidConfig, match="judge one source at a time"):
        judged_questions([str(tmp_path / "refcoco.yaml"), str(run)])
    with pytest.raises(InvalidConfig, match="say what unit"):
        judged_questions([str(rows)])
    rows.write_text(rows.read_text() + "\n{broken")
    with pytest.raises(DamagedItem, match="item 4: not a conversation"):
        judged(rows)
    rows.write_text(json.dumps({"image": "a.png", "conversations": exchange("What?", "A cup.")}))
    with pytest.raises(NoSamples, match="no answer is a box or a point"):
        judged(rows)
