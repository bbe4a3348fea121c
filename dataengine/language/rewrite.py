"""Instructions rewritten by a language model, kept only if they still mean the same target, container and relation."""

from __future__ import annotations

import logging
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assets_index.asset import Asset
from assets_index.cache import cache_directory
from dataengine.language.cache import CachedAnswer, cached_path, keep_answer, load_answer
from dataengine.language.config import LanguageConfig
from dataengine.language.endpoint import Endpoint, FailureCause, LanguageModelFailed
from dataengine.language.prompt import RewriteInput, rewriting_prompt
from dataengine.language.report import RejectedRewrite, RewriteFault, RewriteResult
from scene_graph.phrasebook import Destination
from scene_graph.placed import PlacedScene
from scene_graph.resolve import read_instruction
from scene_graph.task import SubTask

if TYPE_CHECKING:
    from openai import OpenAI

DESTINATION: dict[str, Destination] = {"in": "in", "on": "on", "stacked_on": "on", "near": "near"}
"""What words must say of a place, by the kind of the first relation of a sub-task's goal."""

_LOG = logging.getLogger(__name__)


class Rewriter:
    """Rewrites instructions by the paper's attribute prompt, from the cache where it can.

    A service that fails for several tasks in a row is left alone from then on; that is logged once, and every task
    concerned says so in its result. One object serves one process.
    """

    def __init__(self, config: LanguageConfig, endpoint: Endpoint | None, cache: Path) -> None:
        self.config = config
        self.endpoint = endpoint
        self._cache = cache
        self._failures_in_a_row = 0

    @classmethod
    def from_environment(cls, config: LanguageConfig) -> Rewriter:
        """A rewriter for the endpoint in the environment; without one the templates serve, which is logged."""
        endpoint = Endpoint.from_environment() if config.rewrite == "auto" else None
        if endpoint is None:
            why = "rewriting is switched off" if config.rewrite == "never" else "no OPENAI_BASE_URL or OPENAI_API_KEY"
            _LOG.warning("instructions come from templates alone: %s", why)
        return cls(config, endpoint, cache_directory("language"))

    @property
    def model(self) -> str | None:
        """The model that rewrites; None if the templates serve."""
        return self.config.model if self.endpoint is not None else None

    def rewrite(self, subtask: SubTask, scene: PlacedScene) -> RewriteResult:
        """Rewrites of a task's instruction for a scene, sifted. A failure of the service is a result, not an error."""
        if self.endpoint is None:
            return RewriteResult()
        prompt = rewriting_prompt(describe_task(subtask, scene))
        path = cached_path(self._cache, prompt, self.config)
        cached = load_answer(path)
        if cached is not None:
            return sift(cached, subtask, scene).model_copy(update={"origin": "cache"})
        try:
            answer = self._ask(prompt)
        except LanguageModelFailed as failure:
            return RewriteResult(failure=failure.cause)
        kept = keep_answer(path, self._cached(prompt, answer))
        return sift(kept, subtask, scene).model_copy(update={"origin": "model"})

    @cached_property
    def _client(self) -> OpenAI:
        # Imported here so that runs without an endpoint do not load the client library.
        from dataengine.language.client import connect

        assert self.endpoint is not None, "asked for only with an endpoint"
        return connect(self.endpoint, self.config)

    def _ask(self, prompt: str) -> tuple[str, ...]:
        from dataengine.language.client import ask_for_rewrites

        if self._failures_in_a_row >= self.config.give_up_after:
            raise LanguageModelFailed(FailureCause.GIVEN_UP, "no longer asked after repeated failures")
        try:
            answer = ask_for_rewrites(self._client, prompt, self.config)
        except LanguageModelFailed as failure:
            self._note(failure)
            raise
        self._failures_in_a_row = 0
        return answer

    def _note(self, failure: LanguageModelFailed) -> None:
        _LOG.warning("%s; the templates serve for this task", failure)
        self._failures_in_a_row += 1
        if self._failures_in_a_row == self.config.give_up_after:
            _LOG.warning("the language model failed %d times in a row and is no longer asked", self._failures_in_a_row)

    def _cached(self, prompt: str, rewrites: tuple[str, ...]) -> CachedAnswer:
        settings = self.config
        return CachedAnswer(model=settings.model, temperature=settings.temperature, prompt=prompt, rewrites=rewrites)


def describe_task(subtask: SubTask, scene: PlacedScene) -> RewriteInput:
    """What the prompt says of a task: names with every attribute that is true of them, in the order of names."""
    others = [scene[name].asset for name in sorted(scene.bodies) if name not in (subtask.target, subtask.container)]
    return RewriteInput(
        target=describe(scene[subtask.target].asset),
        container=describe(scene[subtask.container].asset),
        instruction=subtask.instruction,
        others=[describe(asset) for asset in others],
    )


def describe(asset: Asset) -> str:
    """An asset in words, e.g. "red ceramic mug (color: red, material: ceramic, size: small)"."""
    known = [f"{kind}: {word}" for kind, word in asset.attributes.model_dump().items() if word is not None]
    return f"{asset.name} ({', '.join(known)})" if known else asset.name


def sift(rewrites: tuple[str, ...], subtask: SubTask, scene: PlacedScene) -> RewriteResult:
    """Divide rewrites into those that mean the task and nothing else, and the others with the reason."""
    faults = {text: find_fault(text, subtask, scene) for text in rewrites}
    return RewriteResult(
        kept=tuple(text for text, fault in faults.items() if fault is None),
        rejected=tuple(RejectedRewrite(text=text, fault=fault) for text, fault in faults.items() if fault is not None),
    )


def find_fault(text: str, subtask: SubTask, scene: PlacedScene) -> RewriteFault | None:
    """What is wrong with an instruction.

    It names the object (rule 3), does not pick target and container alone, or says another relation between them than
    the task. What speaks of other steps, of a side of the container, or of what is not to be done is not understood,
    and so picks nothing.
    """
    if names_object(text, scene[subtask.target].asset):
        return RewriteFault.NAMES_OBJECT
    targets, containers, destinations = read_instruction(text, scene)
    if targets != {subtask.target}:
        return _choice(targets, RewriteFault.TARGET_UNKNOWN, RewriteFault.TARGET_AMBIGUOUS, RewriteFault.TARGET_WRONG)
    if containers != {subtask.container}:
        faults = RewriteFault.CONTAINER_UNKNOWN, RewriteFault.CONTAINER_AMBIGUOUS, RewriteFault.CONTAINER_WRONG
        return _choice(containers, *faults)
    return None if DESTINATION.get(subtask.goal[0].kind) in destinations else RewriteFault.RELATION_WRONG


def names_object(text: str, asset: Asset) -> bool:
    """Whether a text has the asset's category or one of its synonyms as a word, in singular or plural."""
    nouns = "|".join(re.escape(noun) for noun in (asset.category, *asset.synonyms))
    return re.search(rf"\b(?:{nouns})(?:s|es)?\b", text, re.IGNORECASE) is not None


def _choice(
    picked: frozenset[str], unknown: RewriteFault, ambiguous: RewriteFault, wrong: RewriteFault
) -> RewriteFault:
    if not picked:
        return unknown
    return ambiguous if len(picked) > 1 else wrong
