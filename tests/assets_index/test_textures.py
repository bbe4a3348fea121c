import subprocess
import sys

import numpy as np
import pytest

from assets_index.errors import MissingAsset
from assets_index.textures import texture, texture_ids
from assets_index.words import COLORS, color_word


@pytest.mark.parametrize("texture_id", texture_ids())
def test_a_texture_wraps_without_a_seam_and_its_color_word_is_true(texture_id: str) -> None:
    made = texture(texture_id)
    assert made.albedo.shape == (512, 512, 3)
    assert made.albedo.dtype == np.uint8
    assert made.color in COLORS
    assert color_word(made.albedo.reshape(-1, 3).mean(0) / 255) == made.color
    assert 0 <= made.roughness <= 1
    assert made.tile_size > 0
    picture = made.albedo.astype(float)
    for axis in (0, 1):
        steps = np.abs(np.diff(picture, axis=axis)).mean(axis=(1 - axis, 2))
        wrap = np.abs(np.take(picture, 0, axis) - np.take(picture, -1, axis)).mean()
        assert wrap <= 1.05 * steps.max(), "the step across the border is larger than any inside"


def test_there_is_choice() -> None:
    made = [texture(texture_id) for texture_id in texture_ids()]
    assert len(made) >= 40
    assert {"wood", "stone", "brick", "tile", "fabric", "carpet", "metal", "leather"} <= {t.kind for t in made}
    assert len({t.color for t in made}) >= 9
    flat = [t.id for t in made if t.albedo.std(axis=(0, 1)).max() < 0.5]
    assert not flat


def test_textures_have_detail_at_more_than_one_scale() -> None:
    wood = texture("wood-oak").albedo.astype(float).mean(-1)
    blurred = wood.reshape(32, 16, 32, 16).mean((1, 3))
    assert wood.std() > 10
    assert blurred.std() > 3


def test_grain_runs_along_the_board() -> None:
    wood = texture("wood-pine").albedo.astype(float).mean(-1)
    assert np.abs(np.diff(wood, axis=0)).mean() > 1.5 * np.abs(np.diff(wood, axis=1)).mean()


def test_an_unknown_texture_is_named() -> None:
    with pytest.raises(MissingAsset, match="wood-plastic"):
        texture("wood-plastic")


def test_a_texture_is_the_same_in_another_process() -> None:
    code = (
        "import hashlib; from assets_index.textures import texture;"
        "print(hashlib.sha256(texture('cork').albedo.tobytes()).hexdigest())"
    )
    digests = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env).stdout
        for env in ({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2"})
    }
    assert len(digests) == 1
