"""Pictures as the two encoders take them: Qwen2.5-VL's patches and DINOv2's normalized planes."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import ConfigDict

from assets_index.schema import Schema, validate
from dataengine.questions.resizing import PixelBudget, Resizing

_FILE = "preprocessor_config.json"
_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

Rgb = NDArray[np.uint8]


class PlannerImages(Schema):
    """How Qwen2.5-VL's processor prepares a picture, as its `preprocessor_config.json` says.

    `patches` gives bit for bit what transformers' processor gives, in a third of the time.
    """

    # The file of a published model has more keys than these (names of classes, switches that are all on).
    model_config = ConfigDict(frozen=True, extra="ignore")

    image_mean: tuple[float, float, float] = (0.48145466, 0.4578275, 0.40821073)
    image_std: tuple[float, float, float] = (0.26862954, 0.26130258, 0.27577711)
    patch_size: int = 14
    temporal_patch_size: int = 2
    merge_size: int = 2
    min_pixels: int = 56 * 56
    max_pixels: int = 14 * 14 * 4 * 1280

    @classmethod
    def from_pretrained(cls, directory: Path) -> PlannerImages:
        """Read a planner's `preprocessor_config.json`."""
        path = directory / _FILE
        data = json.loads(path.read_text(encoding="utf-8"))
        size = data.get("size") or {}
        limits = {"min_pixels": size.get("shortest_edge"), "max_pixels": size.get("longest_edge")}
        return validate({**{k: v for k, v in limits.items() if v}, **data}, cls, str(path))

    def save_pretrained(self, directory: Path) -> None:
        """Write a `preprocessor_config.json` that transformers' image processor reads as well."""
        data = self.model_dump() | {
            "image_processor_type": "Qwen2VLImageProcessor",
            "size": {"shortest_edge": self.min_pixels, "longest_edge": self.max_pixels},
        }
        (directory / _FILE).write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")

    @property
    def budget(self) -> PixelBudget:
        """How large a picture may be shown."""
        factor = self.patch_size * self.merge_size
        return PixelBudget(factor=factor, min_pixels=self.min_pixels, max_pixels=self.max_pixels)

    @cached_property
    def _levels(self) -> NDArray[np.float32]:
        return _normalized_levels(self.image_mean, self.image_std)

    def tokens(self, grid: tuple[int, int, int]) -> int:
        """How many planner tokens an image of that grid of patches becomes."""
        return grid[0] * grid[1] * grid[2] // self.merge_size**2

    def patches(self, image: Rgb) -> tuple[NDArray[np.float32], tuple[int, int, int]]:
        """Patches (P, 3 * temporal * patch * patch) of one image (H, W, 3), and their grid (time, height, width)."""
        height, width = Resizing.within(image.shape[0], image.shape[1], self.budget).shown
        planes = _normalize(_resized(image, height, width), self._levels)
        merge, patch = self.merge_size, self.patch_size
        rows, columns = height // patch, width // patch
        blocks = planes.reshape(3, rows // merge, merge, patch, columns // merge, merge, patch)
        blocks = blocks.transpose(1, 4, 2, 5, 0, 3, 6)
        flat = np.broadcast_to(blocks[:, :, :, :, :, None], (*blocks.shape[:5], self.temporal_patch_size, patch, patch))
        return flat.reshape(rows * columns, -1), (1, rows, columns)


def encoder_view(image: Rgb, size: int) -> NDArray[np.float32]:
    """One image (H, W, 3) as DINOv2 takes it: (3, size, size), ImageNet mean and deviation."""
    return _normalize(_resized(image, size, size), _normalized_levels(_IMAGENET_MEAN, _IMAGENET_STD))


def _resized(image: Rgb, height: int, width: int) -> Rgb:
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))


def _normalized_levels(mean: tuple[float, ...], std: tuple[float, ...]) -> NDArray[np.float32]:
    """The normalized value of each of the 256 levels, (3, 256): a picture is then a table look-up."""
    levels = (np.arange(256, dtype=np.uint8) * (1 / 255)).astype(np.float32)
    return (levels - np.array(mean, np.float32)[:, None]) / np.array(std, np.float32)[:, None]


def _normalize(image: Rgb, levels: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.stack([levels[channel][image[..., channel]] for channel in range(3)])
