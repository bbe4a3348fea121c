"""Asking a language model for a list of instructions, over OpenAI's chat-completions protocol."""

from __future__ import annotations

import logging
import re
from typing import Annotated

import openai
from openai.types.chat import ChatCompletionUserMessageParam
from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError

from dataengine.language.config import LanguageConfig
from dataengine.language.endpoint import Endpoint, FailureCause, LanguageModelFailed

REWRITES = 5
"""Rewrites that the paper's prompt asks for (D.3)."""

_LOG = logging.getLogger(__name__)
_JSON_LIST = re.compile(r"\[.*\]", re.DOTALL)
_Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=300)]
_SENTENCES = TypeAdapter(Annotated[tuple[_Sentence, ...], Field(min_length=REWRITES, max_length=REWRITES)])


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    """The part of a chat completion that is needed; whatever else a server sends is ignored."""

    choices: Annotated[tuple[_Choice, ...], Field(min_length=1)]


def connect(endpoint: Endpoint, config: LanguageConfig) -> openai.OpenAI:
    """A client of the endpoint; nothing is sent yet."""
    return openai.OpenAI(
        base_url=endpoint.base_url,
        api_key=endpoint.api_key or "none",
        timeout=config.timeout_s,
        max_retries=config.max_retries,
    )


def ask_for_rewrites(client: openai.OpenAI, prompt: str, config: LanguageConfig) -> tuple[str, ...]:
    """Ask until the answer is a JSON list of five sentences.

    Raises:
        LanguageModelFailed: when the service fails after its retries, or every answer was nonsense. The message never
            quotes the server, which may echo the key.
    """
    for attempt in range(1, config.max_attempts + 1):
        rewrites = read_rewrites(_complete(client, prompt, config))
        if rewrites is not None:
            return rewrites
        _LOG.info("answer %d of %s is not a list of %d instructions", attempt, config.model, REWRITES)
    detail = f"{config.max_attempts} answers of {config.model}, none a JSON list of {REWRITES} instructions"
    raise LanguageModelFailed(FailureCause.NONSENSE, detail)


def read_rewrites(body: str) -> tuple[str, ...] | None:
    """The five sentences in a chat completion's JSON, fenced as code or not; None for nonsense."""
    try:
        content = _Completion.model_validate_json(body).choices[0].message.content
        found = _JSON_LIST.search(content)
        return _SENTENCES.validate_json(found.group()) if found else None
    except ValidationError:
        return None


def _complete(client: openai.OpenAI, prompt: str, config: LanguageConfig) -> str:
    """The body of one chat completion."""
    message = ChatCompletionUserMessageParam(role="user", content=prompt)
    try:
        response = client.chat.completions.with_raw_response.create(
            model=config.model, messages=[message], temperature=config.temperature
        )
    except openai.APITimeoutError:
        detail = f"no answer within {config.timeout_s:g} s, asked {config.max_retries + 1} times"
        raise LanguageModelFailed(FailureCause.TIME_OUT, detail) from None
    except openai.APIConnectionError as error:
        detail = f"no connection to {_host(client)} ({type(error.__cause__).__name__})"
        raise LanguageModelFailed(FailureCause.NO_CONNECTION, detail) from None
    except openai.APIStatusError as error:
        detail = f"{_host(client)} answered with HTTP status {error.status_code}"
        raise LanguageModelFailed(_status_cause(error.status_code), detail) from None
    return response.text


def _host(client: openai.OpenAI) -> str:
    """The server's name alone: a URL may hold a password."""
    return client.base_url.host or "the address in OPENAI_BASE_URL"


def _status_cause(status: int) -> FailureCause:
    if status == 429:
        return FailureCause.RATE_LIMIT
    return FailureCause.SERVER_ERROR if status >= 500 else FailureCause.REQUEST_REFUSED
