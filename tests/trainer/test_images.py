import json

import numpy as np
import pytest
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from trainer.data.images import encoder_view
from trainer.planners.qwen_images import QwenImages


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(224, 224), (480, 640), (100, 333), (28, 29)])
@pytest.mark.parametrize("max_pixels", [224 * 224, 14 * 14 * 4 * 1280])
def test_patches_are_those_of_transformers_bit_for_bit(size, max_pixels):
    image = picture(*size)
    patches, grid = QwenImages(max_pixels=max_pixels).patches(image)
    expected = Qwen2VLImageProcessorPil(max_pixels=max_pixels)(images=[image], return_tensors="np")
    assert np.array_equal(patches, expected["pixel_values"])
    assert [list(grid)] == expected["image_grid_thw"].tolist()


@pytest.mark.parametrize("size", [(224, 224), (256, 256)])
def test_views_are_those_of_the_processor_that_dinov2_is_published_with(size):
    image = picture(*size)
    processor = BitImageProcessorPil(
        size={"height": 224, "width": 224},
        do_center_crop=False,
        image_mean=[0.485, 0.456, 0.406],
        image_std=[0.229, 0.224, 0.225],
    )
    expected = processor(images=[image], return_tensors="np")["pixel_values"][0]
    assert np.array_equal(encoder_view(image, 224), expected)


def test_settings_are_read_from_the_files_of_published_models(tmp_path):
    published = {"min_pixels": 3136, "max_pixels": 12845056, "patch_size": 14, "image_processor_type": "Qwen2VL"}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(published))
    assert QwenImages.from_pretrained(tmp_path).max_pixels == 12845056
    newer = {"size": {"shortest_edge": 56 * 56, "longest_edge": 50176}}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(newer))
    assert QwenImages.from_pretrained(tmp_path).max_pixels == 50176


def test_transformers_reads_our_settings(tmp_path):
    QwenImages(max_pixels=50176).save_pretrained(tmp_path)
    assert Qwen2VLImageProcessorPil.from_pretrained(tmp_path).size["longest_edge"] == 50176
    assert QwenImages.from_pretrained(tmp_path) == QwenImages(max_pixels=50176)
