"""Files that are there whole or not at all."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assets_index.errors import EngineError


class FileNotWritten(EngineError):
    """The operating system refused to take a file; nothing of it is left, and an older one still stands."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; the file takes its name when the block ends, and is gone if that fails.

    Folders above `path` are made. Safe with several processes.

    Raises:
        FileNotWritten: if the operating system takes no more, e.g. because the disk is full.
    """
    scratch = path.with_name(f"{path.name}.tmp-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield scratch
        scratch.replace(path)
    except OSError as error:
        raise FileNotWritten(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        _remove(scratch)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """The same for a folder: an empty one to write into, which takes the place of an older one when the block ends.

    Raises:
        FileNotWritten: if the operating system takes no more.
    """
    scratch = path.with_name(f"{path.name}.tmp-{secrets.token_hex(4)}")
    try:
        scratch.mkdir(parents=True)
        yield scratch
        if path.is_dir():
            shutil.rmtree(path)
        scratch.replace(path)
    except OSError as error:
        raise FileNotWritten(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def write_text_whole(path: Path, text: str) -> None:
    """Write text (UTF-8) so that no moment sees half of it.

    Raises:
        FileNotWritten: if the disk takes no more.
    """
    with replacing(path) as scratch:
        scratch.write_text(text, encoding="utf-8")


def _remove(scratch: Path) -> None:
    """Remove what a failure left; a folder that cannot exist holds nothing to remove."""
    try:
        scratch.unlink(missing_ok=True)
    except NotADirectoryError:
        return
