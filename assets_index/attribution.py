"""Who made what was used, and under which licence: the file that goes with every run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from assets_index.asset import Asset, Source
from assets_index.files import write_text_whole

_HEAD = """# Attribution

What this data was made with. Meshes from elsewhere were scaled, repaired, simplified and given collision hulls.

"""
_URLS = {
    "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-3.0": "https://creativecommons.org/licenses/by/3.0/",
    "CC-BY-3.0-US": "https://creativecommons.org/licenses/by/3.0/us/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "MIT": "https://opensource.org/license/mit",
}


def write_attribution(path: Path, assets: Iterable[Asset], extra_sources: Iterable[tuple[str, Source]] = ()) -> None:
    """Write a table (Markdown) of everything used: name, creator, source and licence; sorted, each thing once.

    Args:
        path: the file.
        assets: every asset that occurs.
        extra_sources: name and source of whatever else was used: textures, domes, robots.

    Raises:
        FileNotWritten: if the file cannot be written.
    """
    used = [(f"{asset.name} (`{asset.id}`)", asset.source) for asset in assets]
    used += [(f"`{name}`", source) for name, source in extra_sources]
    rows = sorted({_row(name, source) for name, source in used})
    table = "| what | creator | source | licence |\n| --- | --- | --- | --- |\n" + "".join(rows)
    write_text_whole(path, _HEAD + table)


def _row(name: str, source: Source) -> str:
    origin = f"{source.kind}: {source.reference}" + (f" <{source.url}>" if source.url else "")
    license_name = f"[{source.license}]({_URLS[source.license]})" if source.license in _URLS else source.license
    cells = (_escaped(name), _escaped(source.creator), _escaped(origin), license_name)
    return f"| {' | '.join(cells)} |\n"


def _escaped(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
