"""Where a language model is served, and why it may give nothing that can be used."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import StrEnum

from assets_index.errors import EngineError


class FailureCause(StrEnum):
    """Why a language model gave nothing that can be used."""

    TIME_OUT = "time_out"
    NO_CONNECTION = "no_connection"
    RATE_LIMIT = "rate_limit"
    SERVER_ERROR = "server_error"
    REQUEST_REFUSED = "request_refused"
    NONSENSE = "nonsense"
    GIVEN_UP = "given_up"


class LanguageModelFailed(EngineError):
    """The language model could not be asked, or did not answer with a list of five instructions."""

    def __init__(self, cause: FailureCause, detail: str) -> None:
        self.cause = cause
        self.detail = detail
        super().__init__(f"language model: {detail}")


@dataclass(frozen=True)
class Endpoint:
    """Where the model is served. A local server may need no key; without a base URL it is OpenAI's own."""

    base_url: str | None
    api_key: str | None = field(repr=False)

    @classmethod
    def from_environment(cls) -> Endpoint | None:
        """From `OPENAI_BASE_URL` and `OPENAI_API_KEY`; None if neither is set."""
        base_url, api_key = os.environ.get("OPENAI_BASE_URL"), os.environ.get("OPENAI_API_KEY")
        return cls(base_url, api_key) if base_url or api_key else None
