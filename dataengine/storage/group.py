"""Opening a zarr group of ours, wherever it lies."""

from __future__ import annotations

from pathlib import Path

import zarr
from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from zarr.storage import FsspecStore, LocalStore

from dataengine.storage.errors import CorruptBlock, UnreadableData, damage_named


def locate(url: str | Path) -> tuple[AbstractFileSystem, str]:
    """The file system of a local path or fsspec URL, and the path in it.

    Raises:
        UnreadableData: if the protocol is unknown, or its package is not installed.
    """
    try:
        filesystem, path = url_to_fs(str(url))
    except (ImportError, ValueError) as error:
        raise UnreadableData(f"{url}: cannot be opened: {' '.join(str(error).split())}") from error
    return filesystem, path


def open_group(url: str | Path, expected_format: str, expected_version: int) -> zarr.Group:
    """Open the group of a block for reading.

    Args:
        url: a local path or any fsspec URL.
        expected_format: attribute `format` that the group must have.
        expected_version: attribute `format_version` that it must have.

    Raises:
        UnreadableData: if there is no group, or one of another format or version.
    """
    text = str(url)
    store = FsspecStore.from_url(text, read_only=True) if _is_url(text) else LocalStore(text, read_only=True)
    try:
        group = zarr.open_group(store, mode="r")
    except (FileNotFoundError, KeyError, TypeError, ValueError) as error:
        raise UnreadableData(f"{text}: cannot be read as zarr: {' '.join(str(error).split())}") from error
    found, version = group.attrs.get("format"), group.attrs.get("format_version")
    if (found, version) != (expected_format, expected_version):
        wrong = f"{text}: holds {found} version {version}, not {expected_format} version {expected_version}"
        raise UnreadableData(wrong + _what_to_do(version, expected_version) * (found == expected_format))
    return group


def _what_to_do(version: object, expected: int) -> str:
    """With data of the right kind, and another version."""
    if isinstance(version, int) and version > expected:
        return "; a newer release of this package wrote it: update the package"
    return "; an older release of this package wrote it: use that one, or make the data anew"


def subgroup(group: zarr.Group, name: str) -> zarr.Group:
    """The group of that name inside `group`.

    Raises:
        CorruptBlock: if there is none, or its metadata are damaged.
    """
    place = f"{group.store_path}/{name}"
    with damage_named(place):
        member = group.get(name)
    if not isinstance(member, zarr.Group):
        raise CorruptBlock(f"{place}: is missing; check the block with `dataengine verify`")
    return member


def _is_url(text: str) -> bool:
    return "://" in text or "::" in text
