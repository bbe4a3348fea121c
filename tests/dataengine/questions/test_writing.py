"""Every question about ray-cast pictures of solved scenes is checked against the scene and the pixels themselves."""

import re
import time
from collections import Counter
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from dataengine.questions.config import QuestionConfig
from dataengine.questions.context import Motion
from dataengine.questions.hiding import hidden_stretch
from dataengine.questions.wordings import GRIPPER_TRACE
from dataengine.questions.writing import write_questions
from dataengine.samples import FrameKey
from renderers.annotations import mask_box
from renderers.camera import project
from scene_graph.placed import PlacedScene
from scene_graph.relations import Behind, In, InFrontOf, LeftOf, On, RightOf
from scene_graph.resolve import resolve_text
from tests.dataengine.questions.pictures import (
    TABLE_ID,
    after_the_place,
    before_the_grasp,
    close_view,
    context_of,
    facing_view,
    front_view,
    instance_ids,
    while_carrying,
)
from tests.dataengine.scenes import placed_task, scene_of

SCENES = 6
CONFIG = QuestionConfig()
KINDS = ("box", "point", "trace", "affordance", "region", "relation", "count")
DIRECTIONS = {"to the left of": LeftOf, "to the right of": RightOf, "in front of": InFrontOf, "behind": Behind}
MOMENTS = {"grasp": before_the_grasp, "place": while_carrying, "retreat": after_the_place}


def make_context(seed, motion, view):
    placed = placed_task(seed)
    moment = MOMENTS[motion](placed.subtask, placed.scene)
    return context_of(placed.subtask, moment, view, FrameKey(episode=seed, step=0, look=0, camera=view.name))


def ask(context, seed=0, config=CONFIG):
    return write_questions(context, np.random.default_rng(seed), config)


@pytest.fixture(scope="module")
def contexts():
    return [make_context(seed, motion, front_view()) for seed in range(SCENES) for motion in MOMENTS]


@pytest.fixture(scope="module")
def asked(contexts):
    """(context, sample) of all questions of the given kinds, or of all."""
    pairs = [(context, sample) for context in contexts for seed in range(3) for sample in ask(context, seed)]
    return lambda *kinds: [(context, sample) for context, sample in pairs if not kinds or sample.kind in kinds]


def seen(context, name):
    return next(body for body in context.annotation.bodies if body.name == name)


def in_picture(context):
    """The bodies with any pixel in the picture."""
    bodies = context.moment.scene.bodies
    return PlacedScene({name: body for name, body in bodies.items() if seen(context, name).visible_pixels > 0})


def mask(context, name):
    return context.frame.ids == instance_ids(context.moment.scene)[name]


def test_every_kind_is_asked_and_a_picture_gives_about_fifteen(asked, contexts):
    counts = Counter(sample.kind for _, sample in asked())
    assert set(counts) == set(KINDS)
    per_picture = sum(counts.values()) / (3 * len(contexts))
    assert 12 <= per_picture <= 20
    forms = Counter(sample.form for _, sample in asked("box", "point", "trace", "region"))
    assert 0.4 < forms["xml"] / (forms["xml"] + forms["json"]) < 0.6


def test_what_is_named_is_one_thing_and_seen_well_enough(asked):
    for context, sample in asked("box", "point", "affordance"):
        (name,) = sample.bodies
        assert resolve_text(sample.label, in_picture(context)) == {name}, sample
        assert seen(context, name).visible_pixels >= CONFIG.min_visible_pixels
        assert sample.visible_fraction >= CONFIG.min_visible_fraction


def test_boxes_hold_the_visible_pixels_or_the_whole_and_the_question_says_which_where_they_differ(asked):
    hidden = [context_of_partly_hidden(lower) for lower in (0.0, 0.05, 0.1)]
    questions = [(context, sample) for context in hidden for seed in range(3) for sample in ask(context, seed)]
    meant = Counter()
    for context, sample in [*asked("box"), *((c, s) for c, s in questions if s.kind == "box")]:
        (name,) = sample.bodies
        tight, whole = mask_box(mask(context, name)), seen(context, name).amodal_box
        if re.search("the whole of|all of it|nothing stood", sample.question):
            assert sample.boxes == (whole,)
            meant["whole"] += whole != tight
        else:
            assert sample.boxes == (tight,)
            partial = re.search("can be seen|visible part", sample.question) is not None
            assert partial or np.abs(np.subtract(tight, whole)).max() <= 2 or sample.visible_fraction > 0.98
            meant["visible" if partial else "plain"] += 1
    assert min(meant[each] for each in ("whole", "visible", "plain")) > 2


def context_of_partly_hidden(aside):
    """A tall carton stands before a can, so that a part of it is hidden."""
    places = {"carton-white": (0.4, 0.0), "can-red": (0.5, -aside), "bowl-blue": (0.6, 0.25)}
    placed = scene_of(places, target="can-red", container="bowl-blue")
    moment = before_the_grasp(placed.subtask, placed.scene)
    return context_of(placed.subtask, moment, front_view(), FrameKey(episode=0, step=0, look=0, camera="front"))


def test_points_lie_on_the_thing(asked):
    for context, sample in asked("point", "affordance"):
        for x, y in sample.points:
            assert mask(context, sample.bodies[0])[int(y), int(x)], sample


def test_grasp_questions_are_asked_only_before_the_grasp(asked):
    assert {context.moment.motion for context, _ in asked("affordance")} == {"grasp"}
    for context, sample in asked("affordance"):
        pixels, _ = project(context.moment.grasp.contacts, context.frame.view)
        expected = (
            pixels if len(sample.points) == 2 else project(context.moment.grasp.contacts.mean(0), context.frame.view)[0]
        )
        np.testing.assert_allclose(sample.points, np.atleast_2d(expected), atol=0.5)
    assert {len(sample.points) for _, sample in asked("affordance")} == {1, 2}


def test_traces_begin_now_and_end_where_the_motion_ends(asked):
    labels = set()
    for context, sample in asked("trace"):
        moment = context.moment
        path = moment.gripper_path if sample.label == "gripper" else moment.object_path
        ends, _ = project(path[[0, -1]], context.frame.view)
        np.testing.assert_allclose([sample.trace[0], sample.trace[-1]], ends, atol=0.5)
        assert len(sample.trace) == CONFIG.trace_points
        assert min(min(point) for point in sample.trace) >= 0
        assert max(max(point) for point in sample.trace) <= 224
        labels.add(sample.label == "gripper")
    assert labels == {True, False}


def test_what_of_a_path_is_hidden_is_said(asked):
    said = Counter()
    for context, sample in asked("trace"):
        moment, view = context.moment, context.frame.view
        path = moment.gripper_path if sample.label == "gripper" else moment.object_path
        pixels, depth = project(path, view)
        columns, rows = np.floor(pixels).astype(int).T
        target = instance_ids(moment.scene)[context.subtask.target]
        behind = context.frame.depth[rows, columns] < depth - 0.012
        behind &= context.frame.ids[rows, columns] != target
        if "hides" in sample.question:
            assert behind.any(), sample
            if "the end of the path" in sample.question:
                assert behind[-1]
                assert not behind[0]
        else:
            assert behind.mean() < 0.25, sample
        said["hides" in sample.question] += 1
    assert min(said[True], said[False]) > 0


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("....", None),
        ("####", "the whole path"),
        ("..##", "the end of the path"),
        ("#...", "the beginning of the path"),
        (".##.", "a part of the path"),
        ("#..#", "a part of the path"),
        (".#.#", "a part of the path"),
    ],
)
def test_a_hidden_stretch_in_words(flags, words):
    assert hidden_stretch(np.array([flag == "#" for flag in flags])) == words


def test_of_several_grippers_the_one_at_work_is_named(contexts):
    named = 0
    for context in contexts:
        for sample in ask(replace(context, moment=replace(context.moment, gripper="the left gripper")), 3):
            if "gripper" in sample.question:
                assert "the left gripper" in sample.question
                named += 1
            assert sample.label != "gripper"
            assert sample.kind == "trace" or "robot base" not in sample.question, "there are two of them"
    assert named > 5


def test_a_path_that_leaves_the_picture_is_not_asked_for(contexts):
    context = contexts[0]
    away = replace(context.moment, gripper_path=np.linspace([0.4, 0.0, 0.3], [0.4, 3.0, 0.3], 20))
    assert not [s for s in ask(replace(context, moment=away)) if s.kind == "trace"]


def place_at(context, name, pixel, height):
    """The scene with the middle of a body's footprint where a pixel's ray meets a height."""
    body, view = context.moment.scene[name], context.frame.view
    ray = view.T_world_camera[:3, :3] @ np.linalg.inv(view.K) @ [*pixel, 1.0]
    eye = view.T_world_camera[:3, 3]
    x, y, _ = eye + ray * (height - eye[2]) / ray[2]
    shift = np.array([x, y]) - body.center
    px, py, _ = body.pose.position
    pose = body.pose.model_copy(update={"position": (px + shift[0], py + shift[1], height)})
    return context.moment.scene.with_poses({name: pose})


def test_every_place_on_the_table_has_room(asked):
    places = [(context, sample) for context, sample in asked("region") if "table" in sample.question]
    assert len(places) > 20
    for context, sample in places:
        name, *anchors = sample.bodies
        for x, y in sample.points:
            assert context.frame.ids[int(y), int(x)] == TABLE_ID
            scene = place_at(context, name, (x, y), 0.0)
            gaps = [
                scene[name].footprint.distance(body.footprint) for other, body in scene.bodies.items() if other != name
            ]
            assert min(gaps) >= CONFIG.clearance - 1e-6
            for words, direction in DIRECTIONS.items():
                if anchors and f"free place {words} " in f"{sample.label} ":
                    assert direction(subject=name, anchor=anchors[0]).holds(scene).margin >= -1e-6


def test_every_place_in_a_container_is_in_it(asked):
    places = [(context, sample) for context, sample in asked("region") if "table" not in sample.question]
    assert len(places) > 10
    for context, sample in places:
        name, container = sample.bodies
        asset = context.moment.scene[container].asset
        height = asset.cavity.floor if asset.cavity else asset.support.height
        relation = (In if asset.cavity else On)(subject=name, anchor=container)
        for x, y in sample.points:
            assert mask(context, container)[int(y), int(x)]
            assert relation.holds(place_at(context, name, (x, y), height)).holds


def test_relations_are_true_on_the_table_and_in_the_picture(asked):
    answers = Counter()
    for context, sample in asked("relation"):
        scene, (subject, anchor) = context.moment.scene, sample.bodies
        words = next((words for words in DIRECTIONS if words in sample.question), None)
        if sample.text not in ("yes", "no"):
            assert resolve_text(sample.text, in_picture(context)) == {subject}
        elif words is not None:
            verdict = DIRECTIONS[words](subject=subject, anchor=anchor).holds(scene)
            assert verdict.holds == (sample.text == "yes"), sample
            assert verdict.margin >= CONFIG.relation_margin or not verdict.holds
            if "left" in words or "right" in words:
                left = [np.nonzero(mask(context, name))[1].mean() for name in (subject, anchor)]
                assert (left[0] < left[1]) == (("left" in words) == (sample.text == "yes")), sample
        else:
            relation = (In if scene[anchor].asset.cavity else On)(subject=subject, anchor=anchor)
            assert relation.holds(scene).holds == (sample.text == "yes")
        answers[sample.text if sample.text in ("yes", "no") else "which"] += 1
    assert min(answers["yes"], answers["no"], answers["which"]) > 0.15 * sum(answers.values())


def test_nothing_is_called_what_the_robot_might_be_called(asked):
    assert not [s for _, s in asked() if re.search(r"\b(white|gray|black) (object|item|thing)", s.question + s.text)]


def test_no_path_is_asked_for_twice(contexts):
    for context in contexts:
        traces = [sample.trace for sample in ask(context, 7) if sample.kind == "trace"]
        assert len(set(traces)) == len(traces)


def test_what_is_in_a_container_is_answered_by_its_own_name(asked):
    answers = [(c, s) for c, s in asked("relation") if re.match("(What|Which object) is ", s.question)]
    assert answers
    for context, sample in answers:
        assert sample.text.endswith(context.moment.scene[sample.bodies[0]].asset.category)


def test_what_is_carried_stands_nowhere(asked):
    for context, sample in asked("relation"):
        assert context.moment.motion != "place" or context.subtask.target not in sample.bodies


def test_a_camera_that_faces_the_robot_gives_no_questions_about_sides():
    sides = re.compile(r"\b(left|right|leftmost|rightmost|in front|behind|farther back)\b")
    for seed in range(4):
        questions = ask(make_context(seed, "grasp", facing_view()), seed)
        assert len(questions) >= 8
        for sample in questions:
            spoken = sample.question if sample.kind != "trace" else sample.label
            assert not sides.search(spoken), sample


def test_counts_are_right_and_differ(asked):
    numbers = Counter()
    for context, sample in asked("count"):
        *colors, noun = sample.label.split(" ")
        words = " ".join([*colors, noun.removesuffix("s")])
        things = resolve_text(words, in_picture(context))
        assert sample.text == str(len(things)), sample
        assert set(sample.bodies) == things
        assert all(seen(context, name).visible_fraction >= CONFIG.min_visible_fraction for name in things)
        numbers[sample.text] += 1
    assert {"0", "1", "2"} <= set(numbers)


def test_what_is_hidden_is_not_spoken_of(contexts):
    context = contexts[0]
    hidden = context.subtask.target
    bodies = tuple(
        replace(body, visible_fraction=0.2) if body.name == hidden else body for body in context.annotation.bodies
    )
    questions = ask(replace(context, annotation=replace(context.annotation, bodies=bodies)))
    assert questions
    assert not any(hidden in sample.bodies for sample in questions)


def test_a_sliver_at_the_border_is_not_asked_for():
    slivers = 0
    for seed in range(6):
        context = make_context(seed, "grasp", close_view())
        asked_for = {name for sample in ask(context, seed) for name in sample.bodies}
        for name, body in context.moment.scene.bodies.items():
            pixels, _ = project(body.vertices, context.frame.view)
            whole = np.ptp(pixels, axis=0).prod()
            seen_part = np.ptp(pixels.clip(0, 224), axis=0).prod() / whole
            if seen_part < CONFIG.min_visible_fraction:
                assert name not in asked_for
                slivers += seen(context, name).visible_pixels > CONFIG.min_visible_pixels
    assert slivers


def test_equal_seeds_ask_the_same_whatever_the_order_of_bodies(contexts):
    context = contexts[1]
    bodies = dict(reversed(context.moment.scene.bodies.items()))
    other = replace(context, moment=replace(context.moment, scene=PlacedScene(bodies)))
    assert ask(context, 5) == ask(other, 5)
    assert ask(context, 5) != ask(context, 6)


def test_a_question_takes_at_most_five_milliseconds(contexts):
    start = time.process_time()
    questions = [sample for context in contexts for sample in ask(context)]
    assert (time.process_time() - start) / len(questions) < 0.005


@pytest.mark.parametrize("motion", get_args(Motion))
@pytest.mark.parametrize("part", [None, "top drawer"])
def test_the_path_of_the_gripper_is_asked_for_in_every_motion(motion, part):
    placed = placed_task(1)
    base = before_the_grasp(placed.subtask, placed.scene)
    moment = replace(base, motion=motion, grasp=None)
    subtask = placed.subtask.model_copy(update={"part": part})
    key = FrameKey(episode=1, step=0, look=0, camera="front")
    context = context_of(subtask, moment, front_view(), key)
    traces = [sample for seed in range(6) for sample in ask(context, seed) if sample.kind == "trace"]
    assert traces
    assert all("{" not in sample.question for sample in traces)
    if part is not None and motion == "grasp":
        assert not any("grasp" in sample.question for sample in traces)


@pytest.mark.parametrize("motion", sorted(GRIPPER_TRACE))
def test_the_path_of_the_gripper_can_be_asked_for_without_naming_a_thing(motion):
    assert any("{it}" not in wording for wording in GRIPPER_TRACE[motion])
