"""What `dataengine stats` says of how various a run is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataengine.cli.commands import app
from dataengine.pipeline.diversity import Diversity, diversity_of, run_diversity
from dataengine.storage.records import run_records

pytestmark = pytest.mark.xdist_group("small run")


def test_the_statistics_of_a_run_have_its_diversity(small_run: Path) -> None:
    records = list(run_records(small_run))
    measured = run_diversity(small_run)
    assert measured == diversity_of(records)
    assert measured is not None
    assert measured.episodes == len(records)
    assert measured.path_length.mean > 0.5
    assert 0.0 < measured.path_distance < 1.0
    printed = CliRunner().invoke(app, ["stats", str(small_run), "--json"])
    assert Diversity.model_validate(json.loads(printed.output)["diversity"]) == measured
    table = CliRunner().invoke(app, ["stats", str(small_run)], env={"COLUMNS": "200"})
    assert "approach_directions" in table.output
