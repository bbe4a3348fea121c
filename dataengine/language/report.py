"""What became of instructions: per task, and summed over a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from assets_index.schema import Schema
from dataengine.language.endpoint import FailureCause


class RewriteFault(StrEnum):
    """Why a rewrite is not used."""

    NAMES_OBJECT = "names_object"
    TARGET_UNKNOWN = "target_unknown"
    TARGET_AMBIGUOUS = "target_ambiguous"
    TARGET_WRONG = "target_wrong"
    CONTAINER_UNKNOWN = "container_unknown"
    CONTAINER_AMBIGUOUS = "container_ambiguous"
    CONTAINER_WRONG = "container_wrong"
    RELATION_WRONG = "relation_wrong"


class RejectedRewrite(Schema):
    """A rewrite that is not used, and why."""

    text: str
    fault: RewriteFault


class RewriteResult(Schema):
    """What became of one task's rewriting.

    Attributes:
        origin: where the rewrites came from; "templates" if no model was asked.
        kept: rewrites that name exactly the task's target and container, and say the same relation between them.
        failure: why the model gave nothing.
    """

    origin: Literal["templates", "model", "cache"] = "templates"
    kept: tuple[str, ...] = ()
    rejected: tuple[RejectedRewrite, ...] = ()
    failure: FailureCause | None = None


class LanguageReport(Schema):
    """The language of a run, for its metadata.

    Attributes:
        source: "templates" if no rewrite is in use.
        model: the model that was to rewrite; None if there was no endpoint or rewriting was switched off.
        tasks: tasks that were put into words; from_model, from_cache: tasks whose rewrites came from there.
        kept: rewrites in use; rejected: number by fault; failures: tasks by cause.
    """

    source: Literal["templates", "templates and rewrites"]
    model: str | None
    tasks: int
    from_model: int
    from_cache: int
    kept: int
    rejected: dict[RewriteFault, int]
    failures: dict[FailureCause, int]


def summarize(results: Iterable[RewriteResult], model: str | None) -> LanguageReport:
    """Sum up the results of a run's tasks; the order does not matter."""
    results = tuple(results)
    origins = Counter(result.origin for result in results)
    kept = sum(len(result.kept) for result in results)
    faults = Counter(rejected.fault for result in results for rejected in result.rejected)
    failures = Counter(result.failure for result in results if result.failure is not None)
    return LanguageReport(
        source="templates and rewrites" if kept else "templates",
        model=model,
        tasks=len(results),
        from_model=origins["model"],
        from_cache=origins["cache"],
        kept=kept,
        rejected=dict(sorted(faults.items())),
        failures=dict(sorted(failures.items())),
    )
