"""A block: the unit of work and of failure.

A block is a folder that exists as a whole or not at all: it is written beside its place, checksummed, flushed to the
disk and renamed. What a killed process leaves behind has `.tmp-` in its name and means nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from dataengine.storage.errors import BlockNotWritten, CorruptBlock

CHECKSUMS = "checksums.json"
_UNFINISHED = ".tmp-"
_FLUSHES = 16


def block_path(folder: Path, number: int) -> Path:
    """Where block `number` of a folder of blocks lies."""
    return folder / f"{number:06d}.zarr"


def block_paths(folder: Path) -> list[Path]:
    """All finished blocks of a folder in the order of their numbers; empty if there is no such folder."""
    return sorted((path for path in folder.glob("*.zarr") if path.is_dir()), key=lambda path: block_order(path.name))


def block_order(name: str) -> tuple[int, str]:
    """Sorts the names of blocks by their numbers, also where these have more than six digits."""
    return len(name), name


def block_number(path: Path) -> int:
    """The inverse of `block_path`."""
    return int(path.stem)


@contextmanager
def new_block(path: Path) -> Iterator[Path]:
    """A folder to write the block into; at the end it appears at `path`, or nothing does.

    A block that is there already stays: blocks are pure functions of their inputs, so it has the same content.

    Raises:
        BlockNotWritten: if the operating system takes no more, e.g. because the disk is full.
    """
    scratch: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=path.name + _UNFINISHED, dir=path.parent))
        yield scratch
        _seal(scratch)
        if not path.exists():
            scratch.rename(path)
            _flush(path.parent)
    except OSError as error:
        raise BlockNotWritten(f"cannot write {path}: {error.strerror or error}; finished blocks are kept") from error
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)


def remove_block(path: Path) -> None:
    """Remove a block so that no moment sees half of it."""
    doomed = Path(tempfile.mkdtemp(prefix=path.name + _UNFINISHED, dir=path.parent))
    path.rename(doomed / path.name)
    shutil.rmtree(doomed)


def remove_leftovers(folder: Path) -> list[Path]:
    """Remove what killed processes left in a folder of blocks; returns what it removed."""
    leftovers = sorted(folder.glob(f"*{_UNFINISHED}*"))
    for path in leftovers:
        shutil.rmtree(path, ignore_errors=True)
    return leftovers


def verify_checksums(path: Path) -> None:
    """Compare every file of a block with its checksum.

    Raises:
        CorruptBlock: naming the first file that differs, is missing or does not belong to the block.
    """
    expected = _read_checksums(path)
    present = _files(path)
    for name in sorted(expected.keys() | set(present)):
        if name not in expected:
            raise CorruptBlock(f"{path / name}: does not belong to the block; remove it")
        if name not in present:
            raise CorruptBlock(f"{path / name}: is missing; remove {path} and run again to make the block anew")
        if _sha256(path / name) != expected[name]:
            raise CorruptBlock(f"{path / name}: is damaged; remove {path} and run again to make the block anew")


def block_digest(path: Path) -> str:
    """SHA-256 over the checksums of a block: equal for byte-identical blocks."""
    return hashlib.sha256((path / CHECKSUMS).read_bytes()).hexdigest()


def _read_checksums(path: Path) -> dict[str, str]:
    try:
        checksums = json.loads((path / CHECKSUMS).read_text(encoding="utf-8"))
        return dict(checksums["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptBlock(f"{path / CHECKSUMS}: cannot be read; remove {path} and run again") from error


def _seal(folder: Path) -> None:
    checksums = {name: _sha256(folder / name) for name in _files(folder)}
    text = json.dumps({"sha256": checksums}, indent=1, sort_keys=True)
    (folder / CHECKSUMS).write_text(text + "\n", encoding="utf-8")
    # The disk takes many flushes at once in little more than the time of one.
    with ThreadPoolExecutor(_FLUSHES) as threads:
        list(threads.map(_flush, folder.rglob("*")))
    # mkdtemp gives 0700; a block is as readable as anything else its user makes.
    folder.chmod(0o777 & ~_umask())
    _flush(folder)


def _files(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(name for path in paths if (name := path.relative_to(folder).as_posix()) != CHECKSUMS)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
