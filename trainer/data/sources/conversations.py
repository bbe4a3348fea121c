"""Conversations about pictures in JSON or JSON lines, as LLaVA and Qwen have them.

A row is `{"id", "image" or "images", "conversations": [{"from", "value"}, ...]}`, or has `messages` with `role` and
`content`, where the content is text or a list of `{"type": "text" or "image", ...}`. `<image>` marks a picture.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataengine.questions.answers import QuestionAnswer
from dataengine.questions.resizing import Resizing
from dataengine.storage.errors import UnreadableData
from trainer.data.sources.coordinates import has_coordinates, written_for
from trainer.data.sources.source import ConversationForm
from trainer.errors import UnreadableItem

IMAGE_MARK = "<image>"
_ASKING, _ANSWERING = {"human", "user"}, {"gpt", "assistant"}


class BrokenRow(UnreadableItem):
    """A row that is no conversation about pictures."""


@dataclass(frozen=True)
class Conversation:
    """One row.

    Attributes:
        pictures: their files.
        exchanges: questions and answers as they were written; the pictures stand before each question.
        mask: file of a mask of what is pointed at, if there is one.
    """

    pictures: tuple[Path, ...]
    exchanges: tuple[QuestionAnswer, ...]
    mask: Path | None


class Conversations:
    """The rows of one file, read when they are asked for. Can be pickled; a worker process opens the file anew.

    Args:
        path: `.jsonl` with a row on each line, or `.json` with a list of rows.
        form: where the pictures lie, what coordinates mean.

    Raises:
        UnreadableData: if the file cannot be read, is not a list, or an empty one.
    """

    def __init__(self, path: Path, form: ConversationForm) -> None:
        self.path, self.form = path, form
        self.name = str(path)
        self._folder = Path(form.images) if form.images is not None else path.parent
        if not len(self):
            raise UnreadableData(f"{path}: there are no conversations in it")

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_rows", "_spans")}

    def __len__(self) -> int:
        return len(self._spans)

    def row(self, index: int) -> Conversation:
        """Row `index`.

        Raises:
            BrokenRow: if it is not as the module says.
        """
        start, end = self._spans[index]
        try:
            return _conversation(json.loads(bytes(self._rows[start:end])), self._folder)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BrokenRow(f"not a conversation: {type(error).__name__}: {error}") from error

    def exchange(self, text: QuestionAnswer, resizing: Resizing) -> QuestionAnswer:
        """A question and its answer with coordinates as the planner sees the (first) picture.

        Raises:
            BrokenRow: if they have coordinates and nobody said in which unit.
            StrayCoordinate: if a coordinate cannot be in the unit that was said.
        """
        unit = self.form.coordinates
        if unit is not None:
            return QuestionAnswer(*(written_for(part, unit, resizing) for part in text))
        if any(map(has_coordinates, text)):
            raise BrokenRow(f"it has coordinates ({text.answer[:60]!r}): say what unit they have, with `coordinates`")
        return text

    @cached_property
    def _rows(self) -> NDArray[np.uint8]:
        """The bytes of the file, mapped into memory; or of a list's rows one after the other."""
        try:
            if self.path.suffix == ".jsonl":
                return np.memmap(self.path, np.uint8, "r")
            rows = json.loads(self.path.read_bytes())
        except (OSError, ValueError) as error:
            raise UnreadableData(f"{self.path}: cannot be read: {error}") from error
        if not isinstance(rows, list):
            raise UnreadableData(f"{self.path}: not a list of conversations")
        return np.frombuffer(b"".join(json.dumps(row).encode() + b"\n" for row in rows) or b"\n", np.uint8)

    @cached_property
    def _spans(self) -> NDArray[np.int64]:
        """Where each row begins and ends, (N, 2), without empty lines."""
        ends = np.append(np.flatnonzero(self._rows == ord("\n")) + 1, len(self._rows))
        spans = np.stack([np.append(0, ends[:-1]), ends], 1)
        return spans[np.diff(spans)[:, 0] > len("{}")]


def _conversation(row: dict[str, Any], folder: Path) -> Conversation:
    names, turns = _named_pictures(row), list(_turns(row))
    for _, parts in turns:
        names += [part for kind, part in parts if kind == "image"]
    if not names:
        raise BrokenRow("it has no picture")
    texts = [(role, "".join(IMAGE_MARK if kind == "image" else part for kind, part in parts)) for role, parts in turns]
    marks = sum(text.count(IMAGE_MARK) for _, text in texts)
    if marks not in (0, len(names)):
        raise BrokenRow(f"it has {len(names)} pictures and marks {marks}")
    exchanges = tuple(_exchanges(_numbered(texts)))
    if not exchanges:
        raise BrokenRow("nothing is asked")
    mask = row.get("mask")
    return Conversation(
        pictures=tuple(folder / name.removeprefix("file://") for name in names),
        exchanges=exchanges,
        mask=None if mask is None else folder / mask,
    )


def _named_pictures(row: dict[str, Any]) -> list[str]:
    named = row.get("images", row.get("image"))
    return [named] if isinstance(named, str) else list(named or ())


def _turns(row: dict[str, Any]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Who speaks, and what: pieces of text and pictures."""
    if "conversations" in row:
        for turn in row["conversations"]:
            yield turn["from"], [("text", turn["value"])]
        return
    for turn in row["messages"]:
        content = turn["content"]
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        yield turn["role"], [(part["type"], part[part["type"]]) for part in parts]


def _numbered(texts: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Without the marks that lead a text; all pictures stand before the question anyway. Others become words."""
    seen = 0
    for role, text in texts:
        rest = text.lstrip()
        while rest.startswith(IMAGE_MARK):
            seen, rest = seen + 1, rest.removeprefix(IMAGE_MARK).lstrip()
        while IMAGE_MARK in rest:
            seen += 1
            rest = rest.replace(IMAGE_MARK, f"picture {seen}", 1)
        yield role, rest.strip()


def _exchanges(texts: Iterator[tuple[str, str]]) -> Iterator[QuestionAnswer]:
    """Questions with their answers; what the system says belongs to the question that follows."""
    asked: list[str] = []
    for role, text in texts:
        if role in _ANSWERING:
            if not asked or not text:
                raise BrokenRow("an answer without a question, or without words")
            yield QuestionAnswer("\n".join(asked), text)
            asked = []
        elif role in _ASKING or role == "system":
            asked += [text] if text else []
        else:
            raise BrokenRow(f"nobody knows who {role!r} is")
    if asked:
        raise BrokenRow("a question without an answer")
