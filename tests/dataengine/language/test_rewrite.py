"""Rewriting whole tasks against a real server: what is kept, what is dropped and why, and what happens without one."""

import json
import logging
import subprocess
import sys

import numpy as np
import pytest

from dataengine.language.config import LanguageConfig
from dataengine.language.endpoint import Endpoint, FailureCause
from dataengine.language.report import RewriteFault, RewriteResult, summarize
from dataengine.language.rewrite import Rewriter, describe_task, find_fault, sift
from dataengine.language.templates import template_instructions
from scene_graph.relations import Near
from scene_graph.resolve import resolve_instruction
from tests.dataengine.language.conftest import KEY, Reply
from tests.dataengine.scenes import placed_task, scene_of

CONFIG = LanguageConfig(max_retries=0, max_attempts=1, timeout_s=5.0, give_up_after=2)


@pytest.fixture(scope="module")
def table():
    """A red apple to be put on the white plate; a red can, a red block and a blue bowl stand by."""
    return scene_of(
        {"apple": (0.45, 0.0), "plate-white": (0.55, 0.25), "can-red": (0.45, -0.2), "block-red": (0.6, -0.1)},
        target="apple",
        container="plate-white",
    )


UNREAD = {RewriteFault.TARGET_UNKNOWN, RewriteFault.CONTAINER_UNKNOWN}

GOOD = (
    "Put the red fruit on the round white plate.",
    "Place the round red object on top of the ceramic container.",
    "Move the small red sphere onto the white plate.",
)


def rewriter(server, tmp_path, config=CONFIG):
    return Rewriter(config, Endpoint(server.url, KEY), tmp_path / "cache")


def test_rewrites_that_mean_the_task_are_kept_and_the_others_dropped_with_the_reason(chat_server, tmp_path, table):
    bad = ("Put the red object on the white plate.", "Put the apple on the white plate.")
    chat_server.replies = [Reply(json.dumps([*GOOD, *bad]))]
    result = rewriter(chat_server, tmp_path).rewrite(table.subtask, table.scene)
    assert result.origin == "model"
    assert result.kept == GOOD
    faults = {rejected.text: rejected.fault for rejected in result.rejected}
    assert faults == {bad[0]: RewriteFault.TARGET_AMBIGUOUS, bad[1]: RewriteFault.NAMES_OBJECT}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Put the red fruit on the white plate.", None),
        ("Put the two apples on the white plate.", RewriteFault.NAMES_OBJECT),
        ("Put the wooden object on the white plate.", RewriteFault.TARGET_WRONG),
        ("Put the shiny red fruit on the white plate.", RewriteFault.TARGET_UNKNOWN),
        ("Put the red fruit on the blue plate.", RewriteFault.TARGET_UNKNOWN),
        ("Put the red fruit on the object.", RewriteFault.CONTAINER_AMBIGUOUS),
        ("Put the red fruit on the red block.", RewriteFault.CONTAINER_WRONG),
        ("I like turtles.", RewriteFault.TARGET_UNKNOWN),
    ],
)
def test_faults(table, text, fault):
    result = sift((text,), table.subtask, table.scene)
    assert [rejected.fault for rejected in result.rejected] == ([] if fault is None else [fault])


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("Put the red fruit next to the white plate.", {RewriteFault.RELATION_WRONG}),
        ("Place the round red object beside the ceramic container.", {RewriteFault.RELATION_WRONG}),
        ("Pick up the red fruit and set it down near the white plate.", {RewriteFault.RELATION_WRONG}),
        ("Put the red fruit into the white plate.", {RewriteFault.RELATION_WRONG}),
        ("Drop the red fruit inside the ceramic container.", {RewriteFault.RELATION_WRONG}),
        ("Put the red fruit under the white plate.", UNREAD),
        ("Put the red fruit to the left of the white plate.", UNREAD),
        ("Put the red fruit behind the white plate.", UNREAD),
        ("Put the red fruit on the left side of the white plate.", UNREAD),
        ("Put the white plate on the red fruit.", {RewriteFault.TARGET_WRONG}),
        ("Put the red fruit to the right of the red can on the white plate.", UNREAD),
        ("Put the rightmost red object on the white plate.", {RewriteFault.TARGET_WRONG}),
        ("Do not put the red fruit on the white plate.", UNREAD),
        ("Put the red fruit on the white plate, then put the metal object on it.", UNREAD),
        ("After the metal object, put the red fruit on the white plate.", UNREAD),
        ("First put the metal object on the white plate and then the red fruit.", UNREAD),
        ("Take the red fruit off the white plate.", UNREAD),
        ("Put the red fruit on the white plate or next to it.", UNREAD),
    ],
)
def test_another_relation_side_or_order_is_refused(table, text, faults):
    assert find_fault(text, table.subtask, table.scene) in faults


def test_a_rewrite_says_the_relation_of_its_own_task(table):
    goal = Near(subject=table.subtask.target, anchor=table.subtask.container)
    beside = table.subtask.model_copy(update={"goal": (goal,)})
    assert find_fault("Place the red fruit beside the white plate.", beside, table.scene) is None
    assert find_fault("Place the red fruit on the white plate.", beside, table.scene) == RewriteFault.RELATION_WRONG
    assert find_fault("Move the red fruit to the white plate.", table.subtask, table.scene) is None


def test_the_model_is_told_the_rules_and_what_stands_on_the_table(chat_server, tmp_path, table):
    chat_server.replies = [Reply(json.dumps(GOOD + GOOD[:2]))]
    rewriter(chat_server, tmp_path).rewrite(table.subtask, table.scene)
    prompt = chat_server.requests[0]["messages"][0]["content"]
    said = describe_task(table.subtask, table.scene)
    assert f"Pick obj description: {said.target}" in prompt
    assert "color: red" in said.target
    assert len(said.others) == 2
    assert all(other in prompt for other in said.others)


def test_the_second_time_nothing_is_asked(chat_server, tmp_path, table):
    chat_server.replies = [Reply(json.dumps(GOOD + GOOD[:2]))]
    first = rewriter(chat_server, tmp_path).rewrite(table.subtask, table.scene)
    second = rewriter(chat_server, tmp_path).rewrite(table.subtask, table.scene)
    assert second == first.model_copy(update={"origin": "cache"})
    assert len(chat_server.requests) == 1
    assert not any(KEY in path.read_text() for path in (tmp_path / "cache").iterdir())


def test_nonsense_is_a_result_with_its_cause_and_is_not_cached(chat_server, tmp_path, table, caplog):
    chat_server.replies = [Reply("What a lovely table!")]
    result = rewriter(chat_server, tmp_path).rewrite(table.subtask, table.scene)
    assert result == RewriteResult(failure=FailureCause.NONSENSE)
    assert "none a JSON list" in caplog.text
    assert not (tmp_path / "cache").exists()


def test_a_service_that_keeps_failing_is_left_alone(chat_server, tmp_path, table, caplog):
    chat_server.replies = [Reply(status=500, body="{}")]
    patient = rewriter(chat_server, tmp_path)
    causes = [patient.rewrite(table.subtask, table.scene).failure for _ in range(4)]
    assert causes == [FailureCause.SERVER_ERROR] * 2 + [FailureCause.GIVEN_UP] * 2
    assert len(chat_server.requests) == 2
    assert caplog.text.count("no longer asked") == 1
    assert KEY not in caplog.text


def test_without_an_endpoint_templates_serve_and_the_log_says_so_once(table, monkeypatch, tmp_path, caplog):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("DATAENGINE_CACHE", str(tmp_path))
    plain = Rewriter.from_environment(CONFIG)
    results = [plain.rewrite(table.subtask, table.scene) for _ in range(3)]
    assert results == [RewriteResult()] * 3
    assert caplog.text.count("instructions come from templates alone") == 1
    report = summarize(results, plain.model)
    assert (report.source, report.model, report.tasks, report.kept) == ("templates", None, 3, 0)


def test_rewriting_can_be_switched_off(chat_server, monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("OPENAI_BASE_URL", chat_server.url)
    monkeypatch.setenv("DATAENGINE_CACHE", str(tmp_path))
    assert Rewriter.from_environment(CONFIG).model == CONFIG.model
    assert Rewriter.from_environment(CONFIG.model_copy(update={"rewrite": "never"})).model is None
    assert "switched off" in caplog.text


def test_the_report_sums_up_a_run(table):
    kept = sift((*GOOD, "Put the apple on the plate."), table.subtask, table.scene)
    results = [
        kept.model_copy(update={"origin": "model"}),
        kept.model_copy(update={"origin": "cache"}),
        RewriteResult(failure=FailureCause.TIME_OUT),
    ]
    report = summarize(results, "served")
    assert (report.source, report.tasks, report.from_model, report.from_cache) == ("templates and rewrites", 3, 1, 1)
    assert report.kept == 6
    assert report.rejected == {RewriteFault.NAMES_OBJECT: 2}
    assert report.failures == {FailureCause.TIME_OUT: 1}
    assert summarize(reversed(results), "served").model_dump_json() == report.model_dump_json()


def test_templates_give_variety_and_always_mean_the_task():
    expressions, phrasings = set(), set()
    for seed in range(12):
        placed = placed_task(seed)
        texts = template_instructions(placed.subtask, placed.scene, np.random.default_rng(seed), 6)
        assert texts[0] == placed.subtask.instruction
        meant = ({placed.subtask.target}, {placed.subtask.container})
        assert len(set(texts)) == len(texts) >= 4
        for text in texts:
            assert resolve_instruction(text, placed.scene) == meant, text
            expressions |= {word for word in ("left of", "right of", "behind", "between", "object") if word in text}
            phrasings.add(text.split(" ")[0])
    assert len(phrasings) >= 5
    assert len(expressions) >= 3


def test_templates_depend_on_nothing_but_the_generator():
    placed = placed_task(3)
    first, second = (template_instructions(placed.subtask, placed.scene, np.random.default_rng(1), 6) for _ in range(2))
    assert first == second


def test_runs_without_an_endpoint_do_not_load_the_client_library():
    code = "import sys, dataengine.language.rewrite, dataengine.language.templates; sys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture(autouse=True)
def logging_is_heard(caplog):
    caplog.set_level(logging.INFO)
