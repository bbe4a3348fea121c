import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataengine.questions.parsing import ParsedAnswer, parse_answer
from dataengine.questions.resizing import PixelBudget, Resizing
from trainer.data.sources.coordinates import StrayCoordinate, has_coordinates, pointed_at, shapes, written_for

HALF = Resizing((200, 400), (100, 200))

side = st.integers(28, 800)


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        ("pixels", '{"bbox_2d":[100,50,300,150],"label":"cup"}'),
        ("unit", "[0.25, 0.25, 0.75, 0.75]"),
        ("percent", '<box x1="25" y1="25" x2="75" y2="75" alt="cup">cup</box>'),
        ("thousandths", "<|object_ref_start|>cup<|object_ref_end|><|box_start|>(250,250),(750,750)<|box_end|>"),
    ],
)
def test_a_box_is_read_and_written_whatever_its_form_and_unit(unit, written):
    assert shapes(written, unit, 200, 400).boxes == ((100, 50, 300, 150),)
    parsed = parse_answer(written_for(written, unit, HALF), "box")
    assert isinstance(parsed, ParsedAnswer)
    assert parsed.boxes == ((50, 25, 150, 75),)


def test_points_are_written_as_the_pixels_they_lie_in():
    molmo = '<points x1="10.0" y1="50" x2="99.9" y2="100" alt="lids">lids</points>'
    assert shapes(molmo, "percent", 200, 400).points == ((40, 100), (399.6, 200))
    assert written_for(molmo, "percent", HALF) == '<points x1="20" y1="50" x2="199" y2="99" alt="lids">lids</points>'
    assert written_for("at [[11,30],[399,199]] and [3]", "pixels", HALF) == "at [[5,15],[199,99]] and [3]"


def test_pairs_in_parentheses_become_lists():
    assert written_for("[(0.5, 0.5), (0.25, 1.0)]", "unit", HALF) == "[[100,50],[50,99]]"
    assert pointed_at("[(0.5, 0.5)]") == "point"
    assert pointed_at("<|box_start|>(1,2),(3,4)<|box_end|>") == "box"
    assert pointed_at("a cup, (3, 4)") is None


def test_other_words_stay_as_they_are():
    assert written_for("a list [1, 2, 3] (4, 5) <b x1='3'>", "pixels", HALF) == "a list [1, 2, 3] (4, 5) <b x1='3'>"
    assert not has_coordinates("the interval [0, 1]")
    assert has_coordinates('<point x="3.5" y="8.1" alt="it">it</point>')


@pytest.mark.parametrize(
    ("text", "unit"),
    [("[12, 40, 80, 90]", "unit"), ("[0.2, 1.2]", "unit"), ("[401, 10]", "percent"), ('<box x1="1" y1="2">', "pixels")],
)
def test_a_coordinate_outside_of_the_picture_is_refused(text, unit):
    with pytest.raises(StrayCoordinate):
        written_for(text, unit, HALF)


@given(side, side, st.data())
def test_a_box_comes_back_within_half_a_shown_pixel(height, width, data):
    box_width, box_height = (data.draw(st.integers(edge // 14 + 1, edge)) for edge in (width, height))
    x, y = data.draw(st.integers(0, width - box_width)), data.draw(st.integers(0, height - box_height))
    box = (x, y, x + box_width, y + box_height)
    resizing = Resizing.within(height, width, PixelBudget(max_pixels=224 * 224))
    parsed = parse_answer(written_for(json.dumps({"bbox_2d": box}), "pixels", resizing), "box")
    assert isinstance(parsed, ParsedAnswer)
    (found,) = parsed.in_stored(resizing).boxes
    scale = [*resizing.scale, *resizing.scale]
    assert all(abs(a - b) * s <= 0.5 + 1e-9 for a, b, s in zip(found, box, scale, strict=True))
