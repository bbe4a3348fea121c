"""A run's folder: its configuration, what made it, and where its parts lie."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import yaml

from assets_index.errors import EngineError
from assets_index.files import write_text_whole
from assets_index.schema import read_yaml
from dataengine.engine.attempt import episode_versions
from dataengine.pipeline.config import RunConfig

CONFIG = "config.yaml"
METADATA = "run.json"
PACKAGES = ("trimesh", "shapely", "zarr")
"""What a run depends on besides the packages that its episodes do."""

Content = Literal["episodes", "layouts"]
"""What a run is made of: episodes, or layouts in which nothing is done. Both number their shards alike."""

EXTENSIBLE = ("episodes", "ground.layouts")
"""More of these may be asked of a run: it goes on from where it stands."""


class ConfigChanged(EngineError):
    """A run was started with one configuration and is to go on with another."""


class OtherContent(EngineError):
    """A run of layouts where one of episodes is needed, or the other way round."""


class NoRun(EngineError):
    """A folder that is not a run."""


def begin_run(run: Path, config: RunConfig, content: Content) -> None:
    """Write the resolved configuration of a new run, or check that an old one differs in how much is wanted at most.

    Raises:
        ConfigChanged: naming the first key that differs.
        OtherContent: if the old one is made of something else.
    """
    path = run / CONFIG
    if path.exists():
        _check_same(read_yaml(path, RunConfig), config, path)
        require_content(run, content)
    write_text_whole(path, yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True))
    note(run, config_sha256=config_hash(config), versions=versions(config), content=content)


def run_content(run: Path) -> Content:
    """What a run is made of."""
    return "layouts" if read_metadata(run).get("content") == "layouts" else "episodes"


def require_content(run: Path, content: Content) -> None:
    """Raise OtherContent if a run is made of something else."""
    if run_content(run) != content:
        raise OtherContent(f"{run} is a run of {run_content(run)}: {content} are in another folder")


def run_config(run: Path) -> RunConfig:
    """The configuration of a run.

    Raises:
        NoRun: if the folder holds none.
    """
    if not (run / CONFIG).exists():
        raise NoRun(f"{run} is not a run: it has no {CONFIG}; `dataengine generate {run}` makes one")
    return read_yaml(run / CONFIG, RunConfig)


def config_hash(config: RunConfig) -> str:
    """SHA-256 of the resolved configuration."""
    return hashlib.sha256(config.model_dump_json().encode()).hexdigest()


def versions(config: RunConfig) -> dict[str, str]:
    """Versions of the packages that results of such a run depend on."""
    return {name: version(name) for name in ("st4vla-dataengine", *PACKAGES)} | episode_versions(config.engine.robot)


def note(run: Path, **entries: Any) -> None:
    """Add entries to `run.json`."""
    metadata = read_metadata(run) | entries
    write_text_whole(run / METADATA, json.dumps(metadata, indent=2, sort_keys=True) + "\n")


def read_metadata(run: Path) -> dict[str, Any]:
    """What `run.json` holds; empty if there is none."""
    path = run / METADATA
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _check_same(old: RunConfig, new: RunConfig, path: Path) -> None:
    before, after = _flat(old.model_dump(mode="json")), _flat(new.model_dump(mode="json"))
    different = [key for key in before | after if before.get(key) != after.get(key) and key not in EXTENSIBLE]
    if different:
        key = different[0]
        raise ConfigChanged(
            f"{path}: {key} is {before.get(key)!r} there and {after.get(key)!r} now; use another folder for another run"
        )
    # What is chosen first leaves less to what is chosen later: roles in another order make other episodes.
    moved = [key for key, now in zip(before, after, strict=True) if key != now]
    if moved:
        raise ConfigChanged(f"{path}: keys from {moved[0]} on are in another order now; put them back in the one there")


def _flat(tree: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(tree, dict):
        return {prefix: tree}
    return {
        key: leaf
        for name, branch in tree.items()
        for key, leaf in _flat(branch, f"{prefix}.{name}".lstrip(".")).items()
    }
