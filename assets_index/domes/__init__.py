"""Procedural HDR environment maps."""

from assets_index.domes.catalog import DOME_SOURCE, dome, dome_entries, dome_ids, recipes_digest

__all__ = ["DOME_SOURCE", "dome", "dome_entries", "dome_ids", "recipes_digest"]
