"""Procedural HDR environment maps."""

from assets_index.domes.catalog import dome, dome_ids

__all__ = ["dome", "dome_ids"]
