"""The client against a real server: good answers, bad answers, and every way a service can fail."""

import json
import logging
import socket

import pytest

from dataengine.language.cache import CachedAnswer, cached_path, keep_answer, load_answer
from dataengine.language.client import ask_for_rewrites, connect
from dataengine.language.config import LanguageConfig
from dataengine.language.endpoint import Endpoint, FailureCause, LanguageModelFailed
from dataengine.language.prompt import RewriteInput, rewriting_prompt
from tests.dataengine.language.conftest import KEY, Reply

CONFIG = LanguageConfig(max_retries=1, timeout_s=5.0)
SENTENCES = tuple(f"Put the red object number {i} on the white plate." for i in range(5))
GOOD = Reply(json.dumps(SENTENCES))


def ask(server, config=CONFIG):
    return ask_for_rewrites(connect(Endpoint(server.url, KEY), config), "prompt text", config)


def failure(server, config=CONFIG):
    with pytest.raises(LanguageModelFailed) as caught:
        ask(server, config)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_good_answer_is_returned_and_the_request_is_what_was_configured(chat_server):
    chat_server.replies = [GOOD]
    assert ask(chat_server, LanguageConfig(model="local-model", temperature=0.3)) == SENTENCES
    (request,) = chat_server.requests
    assert (request["model"], request["temperature"]) == ("local-model", 0.3)
    assert request["messages"] == [{"role": "user", "content": "prompt text"}]
    assert chat_server.keys == [f"Bearer {KEY}"]


@pytest.mark.parametrize("fence", ["```json\n{}\n```", "Here are five:\n```\n{}\n```\nEnjoy!", "output: {}"])
def test_a_fenced_answer_is_read(chat_server, fence):
    chat_server.replies = [Reply(fence.format(json.dumps(SENTENCES, indent=2)))]
    assert ask(chat_server) == SENTENCES


@pytest.mark.parametrize(
    "bad",
    [
        Reply("I am sorry, I cannot do that."),
        Reply(json.dumps(SENTENCES[:4])),
        Reply(json.dumps([*SENTENCES, "Put it down gently."])),
        Reply(json.dumps([*SENTENCES[:4], 7])),
        Reply(json.dumps([*SENTENCES[:4], "  "])),
        Reply(json.dumps({"rewrites": "none"})),
        Reply(body="<html>not a completion</html>"),
        Reply(body='{"choices": []}'),
        Reply(body='{"choices": [{"message": {"role": "assistant", "content": null}}]}'),
        Reply(body=""),
    ],
)
def test_nonsense_is_asked_again(chat_server, bad):
    chat_server.replies = [bad, GOOD]
    assert ask(chat_server) == SENTENCES
    assert len(chat_server.requests) == 2


def test_nothing_but_nonsense_is_a_typed_failure(chat_server):
    chat_server.replies = [Reply("no")]
    assert failure(chat_server).cause is FailureCause.NONSENSE
    assert len(chat_server.requests) == CONFIG.max_attempts


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_passing_error_is_retried(chat_server, status):
    chat_server.replies = [Reply(status=status, body="{}"), GOOD]
    assert ask(chat_server) == SENTENCES
    assert len(chat_server.requests) == 2


@pytest.mark.parametrize(
    ("status", "cause", "requests"),
    [
        (500, FailureCause.SERVER_ERROR, 2),
        (429, FailureCause.RATE_LIMIT, 2),
        (401, FailureCause.REQUEST_REFUSED, 1),
        (404, FailureCause.REQUEST_REFUSED, 1),
    ],
)
def test_a_lasting_error_is_a_typed_failure(chat_server, status, cause, requests):
    chat_server.replies = [Reply(status=status, body="{}")]
    error = failure(chat_server)
    assert error.cause is cause
    assert str(status) in str(error)
    assert len(chat_server.requests) == requests


def test_a_slow_server_is_left_in_time(chat_server):
    chat_server.replies = [Reply(delay_s=0.6)]
    error = failure(chat_server, LanguageConfig(max_retries=0, timeout_s=0.2))
    assert error.cause is FailureCause.TIME_OUT


def test_nobody_listening_is_a_typed_failure():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = connect(Endpoint(f"http://127.0.0.1:{port}/v1", None), CONFIG)
    with pytest.raises(LanguageModelFailed, match=r"no connection to 127\.0\.0\.1") as caught:
        ask_for_rewrites(client, "prompt", CONFIG)
    assert caught.value.cause is FailureCause.NO_CONNECTION


def test_the_key_is_in_no_message_and_no_log(chat_server, caplog):
    caplog.set_level(logging.DEBUG)
    chat_server.replies = [Reply(status=401, body=json.dumps({"error": {"message": f"bad key {KEY}"}}))]
    error = failure(chat_server)
    assert KEY not in str(error) + repr(error) + repr(Endpoint(chat_server.url, KEY))
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("dataengine")]
    sent = [record.getMessage() for record in caplog.records if record.levelno >= logging.INFO]
    assert not any(KEY in message for message in ours + sent)


def test_the_endpoint_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert Endpoint.from_environment() is None
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:8000/v1")
    assert Endpoint.from_environment() == Endpoint("http://localhost:8000/v1", None)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert Endpoint.from_environment() == Endpoint("http://localhost:8000/v1", KEY)


def test_the_prompt_says_the_rules_and_the_task():
    prompt = rewriting_prompt(
        RewriteInput("red apple", "white plate", "Move the red apple to the top of the white plate", ["green can"])
    )
    for part in (
        "attribute-specific grounding",
        "Focus on materials, color, or shape",
        'do not say "apple" or "cup"',
        "Provide 5 examples of optimized instructions in JSON format",
        "Pick obj description: red apple",
        "Container description: white plate",
        "Raw Instruction: Move the red apple to the top of the white plate",
        "green can",
    ):
        assert part in prompt


def test_the_first_answer_of_two_processes_stands(tmp_path):
    path = cached_path(tmp_path / "new", "prompt", CONFIG)
    answers = [
        CachedAnswer(model="m", temperature=0.0, prompt="prompt", rewrites=(word,) * 5) for word in ("first", "second")
    ]
    assert [keep_answer(path, answer)[0] for answer in answers] == ["first", "first"]
    assert load_answer(path) == answers[0].rewrites
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_another_model_or_prompt_is_another_question(tmp_path):
    paths = {
        cached_path(tmp_path, "a", CONFIG),
        cached_path(tmp_path, "b", CONFIG),
        cached_path(tmp_path, "a", LanguageConfig(model="other")),
        cached_path(tmp_path, "a", LanguageConfig(temperature=0.0)),
    }
    assert len(paths) == 4


def test_a_damaged_answer_is_reported_and_forgotten(tmp_path, caplog):
    path = tmp_path / "answer.json"
    path.write_bytes(b'{"model": "m", "rewr')
    assert load_answer(path) is None
    assert "damaged" in caplog.text
    assert not path.exists()


def test_a_cache_that_cannot_be_written_is_announced_and_the_answer_serves(tmp_path, caplog):
    (tmp_path / "file").write_text("not a folder")
    answer = CachedAnswer(model="m", temperature=0.0, prompt="prompt", rewrites=SENTENCES)
    assert keep_answer(cached_path(tmp_path / "file", "prompt", CONFIG), answer) == SENTENCES
    assert "answer not kept" in caplog.text
