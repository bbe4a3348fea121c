import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_index.asset import Attributes
from assets_index.builder import describe, noun_phrase
from assets_index.words import COLORS, color_indices, color_word, lab, size_word

CHANNEL = st.floats(0.0, 1.0)


@given(st.lists(st.tuples(CHANNEL, CHANNEL, CHANNEL), min_size=1, max_size=20))
def test_lab_agrees_with_opencv(colors: list[tuple[float, float, float]]) -> None:
    rgb = np.array(colors, np.float32)
    theirs = cv2.cvtColor(rgb[None], cv2.COLOR_RGB2LAB)[0]
    np.testing.assert_allclose(lab(rgb), theirs, atol=0.6)


@pytest.mark.parametrize(
    ("css", "word"),
    [
        ("#dc143c", "red"),
        ("#8b0000", "red"),
        ("#ff8c00", "orange"),
        ("#ffd700", "yellow"),
        ("#228b22", "green"),
        ("#90ee90", "green"),
        ("#000080", "blue"),
        ("#87ceeb", "blue"),
        ("#800080", "purple"),
        ("#ffc0cb", "pink"),
        ("#8b4513", "brown"),
        ("#d2b48c", "brown"),
        ("#000000", "black"),
        ("#808080", "gray"),
        ("#ffffff", "white"),
        ("#fffff0", "white"),
    ],
)
def test_named_colors_get_the_word_people_use(css: str, word: str) -> None:
    rgb = [int(css[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    assert color_word(rgb) == word


def test_every_color_is_some_word() -> None:
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 9)] * 3), -1)
    assert set(np.unique(color_indices(grid))) == set(range(len(COLORS)))


def test_size_depends_on_the_role() -> None:
    assert size_word((0.05, 0.05, 0.05), "object") == "small"
    assert size_word((0.05, 0.05, 0.1), "object") == "medium"
    assert size_word((0.2, 0.1, 0.1), "object") == "large"
    assert size_word((0.2, 0.2, 0.1), "container") == "medium"


def test_phrases_use_only_what_is_known() -> None:
    mug = Attributes(color="red", material="ceramic", size="small")
    assert noun_phrase("mug", mug) == "red ceramic mug"
    assert noun_phrase("orange", Attributes(color="orange")) == "orange"
    assert noun_phrase("rubber duck", Attributes(color="yellow", material="rubber")) == "yellow rubber duck"
    assert noun_phrase("apple", Attributes()) == "apple"
    assert describe("mug", mug) == ("a red ceramic mug", "a small mug that is red", "a mug made of ceramic")
