import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco

from dataengine.questions.parsing import ParsedAnswer, parse_answer
from dataengine.samples import FrameKey, GroundingSample
from trainer.evaluate.baseline import TrivialBaseline
from trainer.evaluate.metrics import box_iou, resample_by_arc_length, score, share_on, trace_errors

edges = st.floats(0, 200)
sizes = st.floats(1, 80)
boxes = st.tuples(edges, edges, sizes, sizes).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))
IDS = np.zeros((40, 60), np.uint16)
IDS[10:20, 30:50] = 7
BODIES = {"mug": 7, "table": 0}


def sample(kind: str, **answer) -> GroundingSample:
    frame = FrameKey(episode=0, step=0, look=0, camera="front")
    values = {"form": "json", "question": "?", "label": "mug", "bodies": ("mug",), **answer}
    return GroundingSample.model_validate({"frame": frame, "kind": kind, **values})


@given(boxes, boxes)
def test_iou_is_that_of_pycocotools(a, b):
    as_coco = [[[x1, y1, x2 - x1, y2 - y1]] for x1, y1, x2, y2 in (a, b)]
    expected = coco.iou(np.array(as_coco[0]), np.array(as_coco[1]), [0])[0, 0]
    assert box_iou(a, b) == pytest.approx(expected, abs=1e-6)


def test_points_count_where_the_mask_is_and_nowhere_outside_the_picture():
    assert share_on(IDS, 7, ((30.0, 10.0), (49.9, 19.9), (50.0, 10.0), (-1.0, 10.0), (70.0, 10.0))) == 2 / 5


@given(st.integers(0, 10_000), st.integers(2, 12))
def test_a_path_does_not_depend_on_how_finely_it_is_drawn(seed, count):
    path = np.cumsum(np.random.default_rng(seed).normal(size=(count, 2)), 0)
    midpoints = np.insert(path, np.arange(1, count), (path[:-1] + path[1:]) / 2, axis=0)
    assert trace_errors(midpoints, path) == pytest.approx((0, 0), abs=1e-9)
    assert trace_errors(path + np.array([3.0, 4.0]), path) == pytest.approx((3.5, 5.0))
    resampled = resample_by_arc_length(path, 5)
    assert np.allclose(resampled[[0, -1]], path[[0, -1]])


def test_a_path_that_does_not_move_is_a_point():
    assert np.array_equal(resample_by_arc_length([[2, 3], [2, 3]], 4), np.full((4, 2), [2, 3]))


def test_each_kind_is_judged_by_its_own_metrics():
    box = sample("box", boxes=[(30, 10, 50, 20)])
    assert score(ParsedAnswer(boxes=((30, 10, 50, 20),)), box, IDS, BODIES) == {"iou_50": 1.0, "mean_iou": 1.0}
    point = sample("point", points=[(35, 15)])
    assert score(ParsedAnswer(points=((32, 11),)), point, IDS, BODIES) == {"accuracy": 1.0, "distance": 5.0}
    place = sample("region", points=[(5.5, 5.5)])  # on the table, where the id is 0
    assert score(ParsedAnswer(points=((9.5, 8.5),)), place, IDS, BODIES) == {"accuracy": 1.0, "distance": 5.0}
    said = parse_answer("the red mug", "relation")
    assert isinstance(said, ParsedAnswer)
    which = sample("relation", text="The red mug.", form="text")
    assert score(said, which, IDS, BODIES) == {"exact": 1.0}


def test_the_baseline_answers_with_the_mean_or_the_majority():
    seen = [sample("box", boxes=[(0, 0, 10, 10)]), sample("box", boxes=[(10, 20, 30, 40)])]
    seen += [sample("count", text=text, form="text") for text in ("2", "3", "3")]
    baseline = TrivialBaseline.fit(seen)
    box, count = baseline.answer(seen[0]), baseline.answer(seen[2])
    assert box is not None
    assert count is not None
    assert box.boxes == ((5, 10, 20, 25),)
    assert count.text == "3"
    assert baseline.answer(sample("trace", trace=[(0, 0), (1, 1)])) is None
