"""The report of a learning test: what was wanted and reached, the four recipes side by side, and what bounds them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from assets_index.files import write_text_whole
from dataengine.storage.shard_set import ShardSet
from trainer.demo.step import REPORT
from trainer.evaluate.closed_loop import PolicyReport
from trainer.learn.steps import CONTENDERS, Places
from trainer.learn.verdict import STAGES, best_policy, box_bound, how_far, success_bound
from trainer.report.figures import film_strips, learning_curves, loss_curves, sample_tiles, trial_strips
from trainer.report.page import grounding_reports, read_json, template, times, training_summary
from trainer.report.tables import grounding_rows

TILES, STRIPS, FILMS = 8, 2, 6


def write_learning_report(out: Path) -> Path:
    """Write `report.html` of a learning test whose steps are all done; returns its path."""
    places = Places(out)
    stage1 = grounding_reports(places.grounding)
    policies = {
        contender.title: PolicyReport.model_validate(read_json(places.trials(contender.name)))
        for contender in CONTENDERS
    }
    trained = {"stage 1": places.training("stage1")}
    trained |= {contender.title: places.training(contender.name) for contender in CONTENDERS}
    best = next(contender for contender in CONTENDERS if contender.title == best_policy(policies))
    page = template("learning.html").render(
        bounds=[box_bound(stage1), success_bound(policies)],
        answers=list(grounding_rows({"stage 1": stage1})),
        policies=policies,
        stages=STAGES,
        reached={title: Counter(how_far(trial) for trial in report.trials) for title, report in policies.items()},
        training=training_summary(trained),
        curves=loss_curves(trained),
        learning=learning_curves(trained),
        tiles=sample_tiles(ShardSet(places.unseen_layouts), TILES),
        strips=film_strips(ShardSet(places.episodes), STRIPS),
        best=best.title,
        films=trial_strips(places.films(best.name), FILMS),
        times=times(out),
    )
    path = out / REPORT
    write_text_whole(path, page)
    return path
