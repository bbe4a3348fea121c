"""The text a model is trained on: read back exactly, at the size the real processor would show the picture."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assets_index.errors import EngineError
from dataengine.questions.answers import render_answer
from dataengine.questions.parsing import (
    ParsedAnswer,
    ParseFailure,
    parse_answer,
    parse_boxes,
    parse_points,
    parse_trace,
)
from dataengine.questions.resizing import PixelBudget, Resizing, smart_resize
from dataengine.samples import FrameKey, GroundingSample

KEY = FrameKey(episode=3, step=20, look=0, camera="front")
sides = st.integers(28, 1400)
labels = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20)
unit = st.floats(0.0, 1.0, exclude_max=True)


@pytest.fixture(scope="module")
def judge():
    return pytest.importorskip("transformers.models.qwen2_vl.image_processing_pil_qwen2_vl").smart_resize


@settings(max_examples=2000)
@given(
    st.integers(1, 3000),
    st.integers(1, 3000),
    st.sampled_from([14, 28, 32]),
    st.integers(784, 200_000),
    st.integers(200_000, 2_000_000),
)
@example(480, 640, 28, 3136, 50_176)
def test_size_is_that_of_the_real_processor(judge, height, width, factor, lower, upper):
    try:
        expected = judge(height, width, factor, lower, upper)
    except ValueError:
        with pytest.raises(EngineError):
            smart_resize(height, width, factor, lower, upper)
        return
    assert smart_resize(height, width, factor, lower, upper) == expected


def test_the_known_size_of_a_vga_picture():
    assert smart_resize(480, 640, max_pixels=50_176) == (168, 252)


def resizings():
    return st.builds(
        lambda h, w, limit: Resizing.within(h, w, PixelBudget(max_pixels=limit)), sides, sides, st.integers(3136, 10**6)
    )


def sample(kind, form, label="red mug", **answer):
    return GroundingSample(frame=KEY, kind=kind, form=form, question="Where is the red mug?", label=label, **answer)


@settings(max_examples=300)
@given(resizings(), st.sampled_from(["json", "xml"]), labels, st.lists(st.tuples(unit, unit), min_size=1, max_size=9))
def test_points_come_back_to_the_pixel_they_lie_in(resizing, form, label, fractions):
    height, width = resizing.stored
    points = tuple((x * width, y * height) for x, y in fractions)
    text = render_answer(sample("point", form, label, points=points), resizing).answer
    parsed = parse_points(text)
    assert not isinstance(parsed, ParseFailure)
    exact = resizing.to_shown(points)
    assert len(parsed) == len(points)
    assert abs(parsed - exact).max() <= 0.5 + 1e-6


@settings(max_examples=300)
@given(resizings(), st.sampled_from(["json", "xml"]), labels, unit, unit, unit, unit)
def test_boxes_come_back_within_rounding(resizing, form, label, x, y, w, h):
    height, width = resizing.stored
    box = (x * (width - 2), y * (height - 2), 0.0, 0.0)
    box = (box[0], box[1], box[0] + 2 + w * (width - 2 - box[0]), box[1] + 2 + h * (height - 2 - box[1]))
    parsed = parse_boxes(render_answer(sample("box", form, label, boxes=(box,)), resizing).answer)
    assert not isinstance(parsed, ParseFailure)
    exact = resizing.to_shown([box[:2], box[2:]]).ravel()
    wide_enough = min(exact[2] - exact[0], exact[3] - exact[1]) >= 1.5
    assert abs(parsed[0] - exact).max() <= (0.5 + 1e-9 if wide_enough else 1.5)
    assert 0 <= parsed[0][0] < parsed[0][2] <= resizing.shown[1]
    assert 0 <= parsed[0][1] < parsed[0][3] <= resizing.shown[0]


@settings(max_examples=100)
@given(st.sampled_from(["json", "xml"]), st.lists(st.tuples(unit, unit), min_size=2, max_size=12))
def test_a_trace_keeps_its_order(form, fractions):
    resizing = Resizing.within(224, 224, PixelBudget())
    trace = tuple((224 * x, 224 * y) for x, y in fractions)
    parsed = parse_trace(render_answer(sample("trace", form, trace=trace), resizing).answer)
    assert not isinstance(parsed, ParseFailure)
    assert [(int(x), int(y)) for x, y in parsed] == [(int(x), int(y)) for x, y in trace]


def test_a_pixel_centre_survives_writing_and_reading_at_the_stored_size():
    resizing = Resizing.within(224, 224, PixelBudget())
    parsed = parse_answer(render_answer(sample("point", "json", points=((10.5, 200.5),)), resizing).answer, "point")
    assert isinstance(parsed, ParsedAnswer)
    assert parsed.in_stored(resizing).points == ((10.5, 200.5),)


def test_answers_are_in_the_shown_picture_and_read_back_in_the_stored_one():
    resizing = Resizing.within(480, 640, PixelBudget(max_pixels=50_176))
    text = render_answer(sample("box", "json", boxes=((100.0, 100.0, 200.0, 180.0),)), resizing).answer
    assert json.loads(text) == {"bbox_2d": [39, 35, 79, 63], "label": "red mug"}
    parsed = parse_answer(text, "box")
    assert isinstance(parsed, ParsedAnswer)
    assert parsed.in_stored(resizing).boxes[0] == pytest.approx((100, 100, 200, 180), abs=1.5)


def test_forms_are_valid_json_and_xml_and_are_asked_for():
    resizing = Resizing.within(224, 224, PixelBudget())
    points = ((1.5, 2.5), (30.5, 40.5))
    as_json = render_answer(sample("point", "json", points=points), resizing)
    as_xml = render_answer(sample("point", "xml", 'the "A&B" can', points=points), resizing)
    assert json.loads(as_json.answer)[1] == {"point_2d": [30, 40], "label": "red mug"}
    assert as_json.question.endswith("Answer in JSON.")
    element = ElementTree.fromstring(as_xml.answer)
    assert element.attrib == {"x1": "1", "y1": "2", "x2": "30", "y2": "40", "alt": 'the "A&B" can'}
    assert element.text == 'the "A&B" can'
    assert as_xml.question.endswith("Answer in XML.")
    assert render_answer(sample("count", "text", text="3"), resizing) == ("Where is the red mug?", "3")


@pytest.mark.parametrize(
    "text",
    [
        '```json\n[\n\t{"bbox_2d": [10, 20, 30, 40], "label": "mug"}\n]\n```',
        'The mug is here: {"bbox_2d": [10, 20, 30, 40]}.',
        "[10, 20, 30, 40]",
        "<box x1='10' y1='20' x2='30' y2='40' alt='mug'>mug</box>",
    ],
)
def test_boxes_are_read_as_models_write_them(text):
    assert parse_boxes(text) == ((10.0, 20.0, 30.0, 40.0),)


@pytest.mark.parametrize(
    "text",
    [
        '{"point_2d": [3, 4]}',
        "[3, 4]",
        "[[3, 4]]",
        '<point x="3" y="4" alt="mug">mug</point>',
        '<points x1="3" y1="4">m</points>',
    ],
)
def test_points_are_read_as_models_write_them(text):
    assert parse_points(text) == ((3.5, 4.5),)


@pytest.mark.parametrize("kind", ["box", "point", "trace", "affordance", "region", "relation", "count"])
@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_answer_is_a_failure(kind, text):
    assert isinstance(parse_answer(text, kind), ParseFailure)


@pytest.mark.parametrize(
    "text",
    [
        "I see a mug.",
        '{"bbox_2d": [10, 20, 30',
        '{"bbox_2d": [10, 20, 30]}',
        '{"bbox_2d": [30, 20, 10, 40]}',
        '{"bbox_2d": [NaN, 20, 30, 40]}',
        '{"bbox_2d": ["10", 20, 30, 40]}',
        '{"bbox_2d": [true, 20, 30, 40]}',
        f'{{"bbox_2d": [1{"0" * 400}, 20, 30, 40]}}',
        "[" * 100_000,
        '{"point_2d": [10, 20]}',
        '<points x1="1" y1="2">mug</points>',
        '<box x1="1" y1="2" x2="5">mug</box>',
        "[]",
    ],
)
def test_a_text_without_a_box_is_a_failure(text):
    assert isinstance(parse_boxes(text), ParseFailure)


@settings(max_examples=300)
@given(
    st.text(st.sampled_from('[]{}":,<>/=0123456789.-xy ponitsbbx_2dale'), max_size=60),
    st.sampled_from(["box", "point", "trace", "count"]),
)
def test_no_text_whatever_raises(text, kind):
    assert isinstance(parse_answer(text, kind), (ParsedAnswer, ParseFailure))


def test_a_trace_of_one_point_is_a_failure():
    assert isinstance(parse_trace("[[3, 4]]"), ParseFailure)
    assert parse_trace("[[3, 4], [5, 6]]") == ((3.5, 4.5), (5.5, 6.5))


@pytest.mark.parametrize("text", ["red mug", "The red mug.", " the  red mug\n"])
def test_answers_in_words_are_read_alike(text):
    assert parse_answer(text, "relation") == ParsedAnswer(text="red mug")


def test_reading_and_writing_answers_needs_no_physics_renderer_or_learning_library():
    heavy = "{'mujoco', 'open3d', 'torch', 'transformers', 'cv2', 'shapely', 'openai'}"
    code = (
        f"import sys, dataengine.questions.answers, dataengine.questions.parsing; print({heavy} & sys.modules.keys())"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
