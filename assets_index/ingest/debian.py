"""Taking files out of a Debian package without dpkg: an `ar` archive that holds a tar archive."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from assets_index.errors import EngineError

_MAGIC = b"!<arch>\n"
_HEADER = 60


class UnreadablePackage(EngineError):
    """A package, archive or folder that is missing, damaged or holds something else."""


def extract_files(package: Path, suffix: str, target: Path) -> list[Path]:
    """Write the package's files whose names end in `suffix` into `target`; sorted by name.

    Raises:
        UnreadablePackage: if the package cannot be read or holds no such file.
    """
    written = []
    try:
        with tarfile.open(fileobj=io.BytesIO(_data_archive(package)), mode="r:*") as archive:
            for member in archive:
                source = archive.extractfile(member) if member.isfile() and member.name.endswith(suffix) else None
                if source is not None:
                    path = target / Path(member.name).name
                    path.write_bytes(source.read())
                    written.append(path)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise UnreadablePackage(f"{package}: damaged, download it again: {' '.join(str(error).split())}") from error
    if not written:
        raise UnreadablePackage(f"{package}: holds no {suffix} files")
    return sorted(written)


def _data_archive(package: Path) -> bytes:
    try:
        content = package.read_bytes()
    except OSError as error:
        raise UnreadablePackage(f"{package}: cannot be read: {error.strerror}") from error
    if not content.startswith(_MAGIC):
        raise UnreadablePackage(f"{package}: not a Debian package")
    for name, data in _members(content):
        if name.startswith("data.tar"):
            return data
    raise UnreadablePackage(f"{package}: damaged, download it again: holds no data archive")


def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    position = len(_MAGIC)
    while position + _HEADER <= len(content):
        header = content[position : position + _HEADER]
        try:
            size = int(header[48:58])
        except ValueError:
            return
        start = position + _HEADER
        yield header[:16].decode("ascii", "replace").strip().rstrip("/"), content[start : start + size]
        position = start + size + size % 2
