"""Pictures as encoders take them: resized, and normalized by a mean and a deviation for each colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

Rgb = NDArray[np.uint8]


def encoder_view(image: Rgb, size: int) -> NDArray[np.float32]:
    """One image (H, W, 3) as DINOv2 takes it: (3, size, size), ImageNet mean and deviation."""
    return normalized(resized(image, size, size), normalized_levels(_IMAGENET_MEAN, _IMAGENET_STD))


def resized(image: Rgb, height: int, width: int) -> Rgb:
    """The image (H, W, 3) at another size, by bicubic interpolation."""
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))


def normalized_levels(mean: tuple[float, ...], std: tuple[float, ...]) -> NDArray[np.float32]:
    """The normalized value of each of the 256 levels, (3, 256): a picture is then a table look-up."""
    levels = (np.arange(256, dtype=np.uint8) * (1 / 255)).astype(np.float32)
    return (levels - np.array(mean, np.float32)[:, None]) / np.array(std, np.float32)[:, None]


def normalized(image: Rgb, levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Planes (3, H, W) of an image (H, W, 3), by `normalized_levels`."""
    return np.stack([levels[channel][image[..., channel]] for channel in range(3)])
