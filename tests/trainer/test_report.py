import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from trainer.cli import app
from trainer.errors import NothingMeasured
from trainer.evaluate.grounding import KindReport
from trainer.evaluate.rates import Rate
from trainer.report.tables import Cell, grounding_rows
from trainer.report.training_curves import training_curves
from trainer.train.probes import ProbeReport


def write_probes(run: Path, *reports: ProbeReport) -> None:
    run.mkdir()
    rows = "".join(json.dumps(report.model_dump()) + "\n" for report in reports)
    (run / "probes.jsonl").write_text(rows)


def test_runs_are_drawn_side_by_side(tmp_path: Path):
    first, second = tmp_path / "vanilla", tmp_path / "guided"
    write_probes(first, *(ProbeReport(step=step, seconds=1, box_iou_50=0.5 - step / 100) for step in (0, 10, 20)))
    guided = [ProbeReport(step=step, seconds=1, box_iou_50=0.4, pss=0.3, pss_chance=0.1) for step in (0, 20)]
    write_probes(second, *guided)
    perception, success, similarity = training_curves({"vanilla": first, "guided": second}).axes
    assert [line.get_label() for line in perception.lines] == ["vanilla", "guided"]
    assert list(perception.lines[0].get_ydata()) == [0.5, 0.4, 0.3]
    assert [text.get_text() for text in success.texts] == ["log.trials is 0"]
    assert [list(line.get_ydata()) for line in similarity.lines] == [[0.3, 0.3], [0.1, 0.1]]
    with pytest.raises(NothingMeasured, match="--heldout"):
        training_curves({"nothing": tmp_path})
    drawn = CliRunner().invoke(app, ["plot", str(first), str(second), "--out", str(tmp_path / "figure3.png")])
    assert drawn.exit_code == 0
    assert (tmp_path / "figure3.png").stat().st_size > 10_000


def test_a_rate_says_how_far_chance_reaches():
    none, half, all_of_them = (Rate.of([True] * right + [False] * (20 - right)) for right in (0, 10, 20))
    assert (none.low, all_of_them.high) == (0, 1)
    assert none.high == pytest.approx(0.161, abs=1e-3)  # Wilson's interval, as in statsmodels.proportion_confint
    assert (half.low, half.high) == pytest.approx((0.299, 0.701), abs=1e-3)
    assert str(half) == "50% (30% to 70%)"


def test_figures_stand_beside_the_constant_answer():
    def report(**model: float) -> KindReport:
        return KindReport(samples=5, unreadable=0.2, model=model, baseline={"mae": 4.0, "l2": 5.0})

    rows = list(grounding_rows({"a": {"trace": report(mae=3.0, l2=6.0)}, "b": {"trace": report()}}))
    assert [row.metric for row in rows] == ["mae", "l2", "unreadable"]
    assert rows[0].cells == (Cell("3.00", better=True), Cell("–"))
    assert rows[1].cells[0] == Cell("6.00", better=False)
    assert rows[2].cells[1] == Cell("20%")
