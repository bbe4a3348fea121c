from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assets_index.cache import UnusableCache, cached_arrays

WRITE_UNDER_A_LIMIT = """
import resource, sys
import numpy as np
from assets_index.cache import UnusableCache, cached_arrays
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    cached_arrays("kind", "key", lambda: {"a": np.zeros(100_000)})
except UnusableCache as error:
    print(error)
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATAENGINE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_result_is_computed_once_for_each_key() -> None:
    calls = []

    def compute(value: int) -> dict[str, np.ndarray]:
        calls.append(value)
        return {"a/b": np.full(3, value), "names": np.array(["x", "yz"])}

    for key in (1, 1, 2):
        kept = cached_arrays("kind", str(key), lambda key=key: compute(key))
        np.testing.assert_array_equal(kept["a/b"], np.full(3, key))
        assert kept["names"].tolist() == ["x", "yz"]
    assert calls == [1, 2]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-30], lambda data: data[:0], lambda data: data.replace(b"ab", b"cd")]
)
def test_a_damaged_file_is_made_again_and_said_to_be(
    cache: Path, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    whole = {"a": np.frombuffer(b"ab" * 500, np.uint8)}
    cached_arrays("kind", "key", lambda: whole)
    (file,) = (cache / "kind").iterdir()
    file.write_bytes(damage(file.read_bytes()))
    for _ in range(2):
        np.testing.assert_array_equal(cached_arrays("kind", "key", lambda: whole)["a"], whole["a"])
    assert caplog.text.count("key.npz is damaged and is made again") == 1


def test_a_cache_that_cannot_be_made_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("DATAENGINE_CACHE", str(tmp_path / "file"))
    with pytest.raises(UnusableCache, match="set DATAENGINE_CACHE"):
        cached_arrays("kind", "key", dict)


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no file size limit here")
def test_a_disk_without_room_leaves_nothing_behind(cache: Path) -> None:
    done = subprocess.run([sys.executable, "-c", WRITE_UNDER_A_LIMIT], capture_output=True, text=True, check=True)
    assert "cannot be written" in done.stdout
    assert list((cache / "kind").iterdir()) == []
