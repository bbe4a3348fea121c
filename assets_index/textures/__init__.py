"""Procedural PBR textures."""

from assets_index.textures.catalog import texture, texture_ids

__all__ = ["texture", "texture_ids"]
