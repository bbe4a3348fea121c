"""What the benchmarks' command lines share."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from assets_index.index import AssetIndex
from assets_index.procedural.library import ensure_library


def new_parser(description: str | None, *, seeded: bool = False) -> argparse.ArgumentParser:
    """A parser with `--json`; with `--seed` and `--assets` where a benchmark makes scenes."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    if seeded:
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--assets", type=Path, default=None, help="asset index; the user's own by default")
    return parser


def library_index(root: Path | None) -> AssetIndex:
    """The asset index, with the procedural library in it."""
    index = AssetIndex.open(root)
    ensure_library(index)
    return index


def show(result: Mapping[str, object], as_json: bool) -> None:
    """Print one JSON object, or a line for each figure; groups of figures under their names."""
    if as_json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        if isinstance(value, Mapping):
            print(name)
            show(value, as_json=False)
        else:
            print(f"{name:>26} {value:.4g}" if isinstance(value, float) else f"{name:>26} {value}")
