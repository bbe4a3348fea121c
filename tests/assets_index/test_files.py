from __future__ import annotations

from pathlib import Path

import pytest

from assets_index.files import FileNotWritten, replacing, write_text_whole


def test_a_file_is_replaced_and_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    write_text_whole(path, "one")
    write_text_whole(path, "zwölf")
    assert path.read_text(encoding="utf-8") == "zwölf"
    assert list(path.parent.iterdir()) == [path]


def test_an_older_file_survives_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "b.txt"
    write_text_whole(path, "old")
    with pytest.raises(KeyboardInterrupt):
        _interrupted(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileNotWritten, match=r"file/b\.txt: "):
        write_text_whole(tmp_path / "file" / "b.txt", "text")


def _interrupted(path: Path) -> None:
    with replacing(path) as scratch:
        scratch.write_text("half")
        raise KeyboardInterrupt
