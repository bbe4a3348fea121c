"""The document of the format says what is there, and its examples run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import zarr

from dataengine.storage.records import write_records
from tests.record_factory import make_record
from tests.shard_factory import CAMERAS, write_test_run

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which `runs/demo` is a run."""
    home = tmp_path_factory.mktemp("home")
    run = write_test_run(home / "runs" / "demo", shards=1, episodes_per_shard=2)
    write_records(run / "records" / "000000.zarr", [make_record(0)])
    return home


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a person who has installed the package: zarr finds the codec by its entry point."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    site = tmp_path_factory.mktemp("site")
    info = site / "st4vla_dataengine-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0\n")
    codecs = "".join(f"{name} = {target}\n" for name, target in project["entry-points"]["zarr.codecs"].items())
    (info / "entry_points.txt").write_text(f"[zarr.codecs]\n{codecs}")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_run(example: str, home: Path, installed: dict[str, str]):
    command = [sys.executable, "-W", "error", "-c", example]
    done = subprocess.run(command, cwd=home, env=installed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "put the blue block into the bowl" in done.stdout
    assert "box" in done.stdout


def test_there_are_two_examples_and_one_needs_only_zarr():
    assert len(EXAMPLES) == 2
    assert "dataengine" not in EXAMPLES[0]


@pytest.mark.parametrize("kind", ["records", "shards"])
def test_every_array_is_in_the_document(home: Path, kind: str):
    path = home / "runs" / "demo" / kind / "000000.zarr"
    group = zarr.open_group(path, mode="r")
    names = [file.parent.relative_to(path).as_posix() for file in path.glob("*/**/zarr.json")]
    arrays = [name for name in names if isinstance(group.get(name), zarr.Array)]
    assert len(arrays) > 10
    section = DOCUMENT.split(f"## {kind.capitalize()}")[1].split("\n## ")[0]
    words = set(re.findall(r"\w+", section))
    for name in arrays:
        general = [part for part in name.split("/") if part not in CAMERAS]
        column = general[-1].removesuffix("_offset")
        assert set(general[:-1]) <= words, name
        assert column in words or general[-1] in words, name


def test_documented_types_are_the_stored_ones(home: Path):
    group = zarr.open_group(home / "runs" / "demo" / "shards" / "000000.zarr", mode="r")
    rows = re.findall(r"^\| `([\w/]+)`(?:, `[\w]+`)* \| \(.*?\) (\w+)", DOCUMENT.split("## Shards")[1], re.MULTILINE)
    assert len(rows) > 12
    for name, dtype in rows:
        array = group[name.replace("CAMERA", "front")]
        assert isinstance(array, zarr.Array)
        assert array.dtype == np.dtype(dtype), name
