"""The recipes that are shipped, a YAML file each."""

from __future__ import annotations

from pathlib import Path

RECIPES = Path(__file__).parent


def recipe_path(recipe: str) -> Path:
    """The file of a shipped recipe, or the path itself."""
    shipped = RECIPES / f"{recipe}.yaml"
    return shipped if shipped.exists() else Path(recipe)
