from dataclasses import replace

import numpy as np
import pytest

from assets_index.asset import Cavity, Material, Source, SupportSurface, VisualPart
from assets_index.builder import BuiltAsset, make_asset
from assets_index.describe import dominant_color
from assets_index.errors import UnusableMesh
from assets_index.index import AssetIndex
from assets_index.procedural.collision import box_hull
from assets_index.procedural.surface import box, visual_part
from assets_index.store import CorruptAsset

SOURCE = Source(kind="folder", reference="shed/box.obj", creator="nobody", license="CC0")


def red_box(size: tuple[float, float, float] = (0.1, 0.06, 0.04), center: tuple[float, float, float] = (0, 0, 0)):
    part = visual_part(box(size, 0.0, center), Material(name="paint", color=(0.8, 0.1, 0.1)))
    return (part,), (box_hull(size, center),)


def make(parts: tuple[VisualPart, ...], hulls: tuple[np.ndarray, ...], **known: object) -> BuiltAsset:
    return make_asset(parts, hulls, role="object", category="box", group="toy", source=SOURCE, **known)  # type: ignore[arg-type]


def test_everything_moves_into_the_asset_frame() -> None:
    cavity = Cavity(floor=1.0, rim=1.02, opening=((2.0, 3.0), (2.01, 3.0), (2.0, 3.01)))
    support = SupportSurface(height=1.02, outline=cavity.opening)
    asset, parts, hulls = make(*red_box(center=(2.0, 3.0, 1.0)), cavity=cavity, support=support)
    assert asset.cavity == Cavity(floor=0.02, rim=0.04, opening=((0.0, 0.0), (0.01, 0.0), (0.0, 0.01)))
    assert asset.support is not None
    assert asset.support.height == pytest.approx(0.04)
    np.testing.assert_allclose(hulls[0].min(0), (-0.05, -0.03, 0.0))
    np.testing.assert_allclose(parts[0].vertices.min(0), (-0.05, -0.03, 0.0), atol=1e-7)
    assert asset.center_of_mass == (0.0, 0.0, 0.02)


def test_where_a_thing_was_drawn_does_not_change_its_id() -> None:
    assert make(*red_box()).asset.id == make(*red_box(center=(0.3, -0.2, 0.7))).asset.id


def test_what_it_is_changes_its_id() -> None:
    first = make(*red_box()).asset
    parts, hulls = red_box()
    darker = (replace(parts[0], material=Material(name="paint", color=(0.7, 0.1, 0.1))),)
    others = [make(darker, hulls), make(parts, hulls, mass=0.2), make(*red_box((0.1, 0.06, 0.0401)))]
    assert len({first.id, *(other.asset.id for other in others)}) == 4


def test_known_mass_and_words_are_kept_and_the_rest_is_measured() -> None:
    asset = make(*red_box(), mass=0.3, material="wooden").asset
    assert asset.mass == 0.3
    assert asset.inertia[0] == pytest.approx(0.3 / 12 * (0.06**2 + 0.04**2), rel=1e-4)
    assert (asset.attributes.color, asset.attributes.shape, asset.attributes.size) == ("red", "box-shaped", "medium")
    assert asset.name == "red wooden box"


def test_a_thing_of_two_equal_colors_has_no_color_word() -> None:
    (left,), _ = red_box()
    right = replace(left, material=Material(name="paint", color=(0.1, 0.2, 0.8)))
    assert dominant_color([left]) == "red"
    assert dominant_color([left, right]) is None


def test_a_map_counts_where_it_is_seen() -> None:
    (part,), _ = red_box()
    quarter = np.zeros((4, 4, 3), np.uint8)
    quarter[..., 1] = 160
    quarter[0, 0] = (200, 20, 20)
    green = replace(part, material=Material(name="print"), albedo=quarter)
    assert dominant_color([green]) == "green"
    corner = replace(green, uv=part.uv * 0.2 + [0.0, 0.8])
    assert dominant_color([corner]) == "red"


@pytest.mark.parametrize("damage", ["nan", "no faces", "no parts", "no hulls", "flat hull"])
def test_bad_geometry_says_why(damage: str) -> None:
    parts, hulls = red_box()
    if damage == "nan":
        parts = (replace(parts[0], vertices=parts[0].vertices * np.nan),)
    elif damage == "no faces":
        parts = (replace(parts[0], faces=parts[0].faces[:0]),)
    elif damage == "no parts":
        parts = ()
    elif damage == "no hulls":
        hulls = ()
    else:
        hulls = (hulls[0] * [1.0, 1.0, 0.0],)
    with pytest.raises(UnusableMesh) as caught:
        make(parts, hulls)
    assert "\n" not in str(caught.value)


def test_an_id_that_is_not_its_content_is_refused(tmp_path) -> None:
    asset, parts, hulls = make(*red_box())
    with pytest.raises(CorruptAsset, match="do not agree"):
        AssetIndex.open(tmp_path).add(asset.model_copy(update={"mass": 9.0}), parts, hulls)
