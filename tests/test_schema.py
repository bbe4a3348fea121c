"""Configuration files: strict about keys, and a word stays a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets_index.errors import InvalidConfig
from assets_index.schema import Range, Schema, parse_yaml, read_yaml


class Inner(Schema):
    goals: tuple[str, ...] = ()


class Outer(Schema):
    inner: Inner = Inner()
    rate: float = 1.0
    height: Range = (0.1, 0.2)


def write(folder: Path, text: str) -> Path:
    path = folder / "some.yaml"
    path.write_text(text)
    return path


def test_words_of_relations_are_not_taken_for_truth_values() -> None:
    assert parse_yaml("[in, on, off, yes, no, y]") == ["in", "on", "off", "yes", "no", "y"]
    assert parse_yaml("[true, False]") == [True, False]


def test_keys_left_out_keep_their_defaults(tmp_path: Path) -> None:
    assert read_yaml(write(tmp_path, "inner: {goals: [on]}"), Outer) == Outer(inner=Inner(goals=("on",)))
    assert read_yaml(write(tmp_path, ""), Outer) == Outer()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("inner: {gaols: [on]}", "inner.gaols: Extra inputs are not permitted"),
        ("rate: fast", "rate: Input should be a valid number"),
        ("height: [0.2, 0.1]", "height: Value error, the least value comes first"),
        ("rate: [", "not valid YAML"),
        ("- 1", "Input should be"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InvalidConfig) as caught:
        read_yaml(path, Outer)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match="none"):
        read_yaml(tmp_path / "none.yaml", Outer)
