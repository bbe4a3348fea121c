"""A batch of trials, from the folders of runs to the report and films."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from assets_index.index import AssetIndex
from dataengine.storage.shard_set import ShardSet
from renderers.backends import Backend, open_renderer
from trainer.data.action_data import check_actions
from trainer.evaluate.closed_loop import PolicyEvaluation, PolicyReport, TrialResult, evaluate_policy
from trainer.evaluate.film import film_strip, write_film, write_picture
from trainer.evaluate.policy import Policy
from trainer.evaluate.trials import trials_of

Filmed = Literal["failures", "all"]


def try_policy(
    policy: Policy,
    runs: Sequence[Path],
    config: PolicyEvaluation,
    *,
    trials: int | None = None,
    index_root: Path | None = None,
    backend: Backend = "auto",
    films: Path | None = None,
    film: Filmed = "failures",
    on_trial: Callable[[int, int], None] | None = None,
) -> PolicyReport:
    """Try a policy on the episodes of runs, of one task or of many.

    Args:
        policy: a checkpoint that was trained on actions.
        runs: with records and shards, and pictures of one size.
        config: how long, how often.
        trials: only the first so many of each run.
        index_root: of the asset index; None for the default one.
        backend: which renderer.
        films: folder for `RUN-EPISODE-LOOK-OUTCOME.mp4` and `.png`, if `config.film_every` asks for films.
        film: which trials end up there.
        on_trial: called with the number of trials done and their total.

    Raises:
        NoSamples: if a run has no episodes.
        ActionSpecMismatch: if the policy's actions mean something else than the run's.
        MissingCamera: if the policy looks through a camera that the run does not have.
    """
    chosen = [trial for run in runs for trial in trials_of(run, trials)]
    observation = policy.model.config.observation
    check_actions(ShardSet(runs), observation, policy.model.config.action)
    cameras = tuple(dict.fromkeys((*observation.planner_cameras, *observation.cameras)))
    done = 0

    def finish(result: TrialResult) -> None:
        nonlocal done
        done += 1
        wanted = film == "all" or not result.report.success_at_end
        if films is not None and wanted and result.film:
            _write_films(films, result, policy.model.config.action.rate / (config.film_every or 1))
        if on_trial is not None:
            on_trial(done, len(chosen))

    first = chosen[0].cameras[cameras[0]]
    renderer = open_renderer(backend, width=first.width, height=first.height)
    try:
        return evaluate_policy(policy, chosen, AssetIndex.open(index_root), renderer, cameras, config, finish)
    finally:
        renderer.close()


def _write_films(folder: Path, result: TrialResult, rate: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    report = result.report
    name = f"{report.run}-{report.episode:06d}-{report.look}-{'success' if report.success_at_end else 'failure'}"
    write_film(result.film, folder / f"{name}.mp4", rate)
    write_picture(film_strip(result.film), folder / f"{name}.png")
