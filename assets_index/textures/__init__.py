"""Procedural PBR textures."""

from assets_index.textures.catalog import TEXTURE_SOURCE, texture, texture_entries, texture_ids

__all__ = ["TEXTURE_SOURCE", "texture", "texture_entries", "texture_ids"]
