"""How instructions are put into words."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assets_index.schema import Schema


class LanguageConfig(Schema):
    """Settings of templates and of rewriting by a language model.

    The endpoint is not part of a run's configuration: it comes from the environment (`OPENAI_BASE_URL`,
    `OPENAI_API_KEY`), so that no key is ever stored with data.

    Attributes:
        rewrite: "auto" rewrites whenever an endpoint is configured, "never" keeps to the templates.
        templates: template instructions written per task, the raw one included.
        model: name of the model at the endpoint; the default is the paper's (D.2).
        timeout_s: seconds to wait for one answer.
        max_retries: times a request is sent again, with exponential backoff, after a time-out, a lost connection, or an
            HTTP status that may pass (408, 409, 429, 5xx).
        max_attempts: times the model is asked until its answer is a list of five instructions.
        give_up_after: tasks in a row for which the service failed, after which it is no longer asked.
    """

    rewrite: Literal["auto", "never"] = "auto"
    templates: int = Field(default=6, ge=1)
    model: str = "gpt-4o-mini"
    temperature: float = Field(default=0.7, ge=0.0, le=2.0)
    timeout_s: float = Field(default=30.0, gt=0.0)
    max_retries: int = Field(default=3, ge=0)
    max_attempts: int = Field(default=3, ge=1)
    give_up_after: int = Field(default=3, ge=1)
