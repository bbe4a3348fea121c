"""Against a catalogue and a Debian package made here; with SWEETHOME3D set to the real one, against that too."""

import io
import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import trimesh

from assets_index.index import AssetIndex
from assets_index.ingest.debian import UnreadablePackage
from assets_index.ingest.sweethome3d import ROLES, ModelRoles, ingest_sweethome3d, parse_properties, read_catalog, spdx
from assets_index.schema import read_yaml
from tests.assets_index.ingest.shapes import cup

PROPERTIES = r"""
# comment
id=SweetHome3D#Test
license=Creative Commons Attribution 3.0 United States license
provider=www.sweethome3d.com

id#1=Kator Legaz#coffee-mug
name#1=Coffee mug
model#1=/models/mug/mug.obj
width#1=8.5
depth#1=12.0
height#1=10.8
creator#1=Andr\u00e9
id#2=Kator Legaz#flashlight
model#2=/models/flashlight/flashlight.obj
modelRotation#2=1 0 0 0 0 1 0 -1 0
width#2=4.5
depth#2=15.0
height#2=4.4
id#3=Kator Legaz#newspaper
model#3=/models/flashlight/flashlight.obj
width#3=27
depth#3=24
height#3=2
id#4=Nobody#knows
model#4=/models/flashlight/flashlight.obj
width#4=1
depth#4=1
height#4=1
id#5=Kator Legaz#bowl
model#5=/models/gone.obj
width#5=1
depth#5=1
height#5=1
"""


def obj_files(name: str, mesh: trimesh.Trimesh, color: str) -> dict[str, str]:
    text = trimesh.exchange.obj.export_obj(mesh, include_normals=False)
    return {
        f"models/{name}/{name}.obj": f"mtllib {name}.mtl\nusemtl paint\n{text}",
        f"models/{name}/{name}.mtl": f"newmtl paint\nKd {color}\nNs 80\nd 1.0\n",
    }


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """A mug with y up in inches, and a flashlight that its catalogue turns by a quarter."""
    mug = cup(2.0, 5.0, 0.15)
    mug.apply_transform(trimesh.transformations.rotation_matrix(-np.pi / 2, [1, 0, 0]))
    torch = trimesh.creation.cylinder(0.5, 3.0)
    torch.apply_transform(trimesh.transformations.rotation_matrix(-np.pi / 2, [1, 0, 0]))
    path = tmp_path / "Test.sh3f"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("PluginFurnitureCatalog.properties", PROPERTIES.encode("latin-1"))
        for name, text in (
            obj_files("mug", mug, "0.02 0.3 0.9") | obj_files("flashlight", torch, "0.9 0.5 0.05")
        ).items():
            archive.writestr(name, text)
    return path


def debian_package(path: Path, *files: Path) -> Path:
    """An ar archive with a tar.xz inside, as dpkg-deb makes it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz") as archive:
        for file in files:
            archive.add(file, f"./usr/share/sweethome3d/furniture/{file.name}")
    content = b"!<arch>\n"
    for name, data in ((b"debian-binary", b"2.0\n"), (b"control.tar.xz", b"x"), (b"data.tar.xz", buffer.getvalue())):
        content += name.ljust(16) + b"0".ljust(12) + b"0".ljust(6) * 2 + b"100644".ljust(8)
        content += str(len(data)).encode().ljust(10) + b"`\n" + data + b"\n" * (len(data) % 2)
    path.write_bytes(content)
    return path


def test_models_become_assets_of_the_declared_size(catalog: Path, index: AssetIndex) -> None:
    report = ingest_sweethome3d(catalog, index)
    assert len(report.added) == 2
    mug, torch = (index.find(category=category)[0] for category in ("mug", "flashlight"))
    assert mug.extents == pytest.approx((0.085, 0.12, 0.108), abs=1e-3)
    assert torch.extents == pytest.approx((0.045, 0.15, 0.044), abs=1e-3)
    assert mug.role == "container"
    assert mug.cavity is not None
    assert mug.attributes.color == "blue"
    assert mug.source.creator == "André"
    assert mug.source.license == "CC-BY-3.0-US"
    assert torch.source.creator == "www.sweethome3d.com"
    assert report.quarantined == {"Kator Legaz#newspaper": "shows a brand"}


def test_package_catalogue_and_folder_give_the_same(catalog: Path, tmp_path: Path) -> None:
    package = debian_package(tmp_path / "furniture.deb", catalog)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.sh3f").write_bytes(catalog.read_bytes())
    ids = [
        ingest_sweethome3d(path, AssetIndex.open(tmp_path / f"index{k}")).added
        for k, path in enumerate((catalog, package, folder))
    ]
    assert len(ids[0]) == 2
    assert ids[0] == ids[1] == ids[2]


def test_a_second_ingest_keeps_what_is_there(catalog: Path, index: AssetIndex) -> None:
    first = ingest_sweethome3d(catalog, index)
    second = ingest_sweethome3d(catalog, index, limit=5)
    assert second.added == ()
    assert second.kept == first.added


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("missing.deb", None, "no such file"),
        ("junk.deb", b"not a package", "not a Debian package"),
        ("cut.deb", b"!<arch>\ndata.tar.xz     0           0     0     100644  400       `\nxyz", "damaged"),
        ("junk.sh3f", b"not a zip file", "not a furniture catalogue"),
    ],
)
def test_a_broken_file_is_named(
    tmp_path: Path, index: AssetIndex, name: str, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadablePackage, match=complaint) as raised:
        ingest_sweethome3d(tmp_path / name, index)
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


def test_other_archives_are_refused(tmp_path: Path, index: AssetIndex) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UnreadablePackage, match="not a furniture catalogue"):
        ingest_sweethome3d(tmp_path / "other.zip", index)
    with pytest.raises(UnreadablePackage, match=r"holds no \.sh3f files"):
        ingest_sweethome3d(debian_package(tmp_path / "other.deb", tmp_path / "other.zip"), index)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadablePackage, match=r"holds no \.sh3f or \.deb file"):
        ingest_sweethome3d(tmp_path / "empty", index)


def test_the_catalogue_is_read_as_java_writes_it(catalog: Path) -> None:
    head, items = parse_properties("a=1\nname#2=two\\\n   words\nname#1 = \\u00e9t\\u00e9\n#x#3=no\n")
    assert head == {"a": "1"}
    assert items == [{"name": "été"}, {"name": "twowords"}]
    assert [entry.model_id for entry in read_catalog(catalog)] == [
        "Kator Legaz#coffee-mug",
        "Kator Legaz#flashlight",
        "Kator Legaz#newspaper",
        "Nobody#knows",
    ]
    assert spdx("Public domain") == "CC0-1.0"
    assert spdx("Creative Commons Attribution 3.0 license") == "CC-BY-3.0"
    assert spdx("All rights reserved") == "All rights reserved"


def test_the_roles_are_complete_and_each_is_said_once() -> None:
    roles = read_yaml(ROLES, ModelRoles).models
    used = [role for role in roles if role.reject is None]
    assert len({(role.model, role.keep) for role in roles}) == len(roles)
    assert all(role.category and role.group for role in used)
    assert sum(role.role == "object" for role in used) >= 60
    assert sum(role.role == "container" for role in used) >= 15


@pytest.mark.slow
@pytest.mark.skipif("SWEETHOME3D" not in os.environ, reason="SWEETHOME3D names no package")
def test_the_real_package_yields_sixty_objects_and_fifteen_containers(index: AssetIndex) -> None:
    ingest_sweethome3d(Path(os.environ["SWEETHOME3D"]), index, workers=2)
    assert len(index.find(role="object")) >= 60
    assert len(index.find(role="container")) >= 15
    for asset in index.find():
        assert len(index.hulls(asset.id)) <= 24
        assert max(map(len, index.hulls(asset.id))) <= 48
        assert sum(len(part.faces) for part in index.visual(asset.id)) < 6000
        assert asset.source.license.startswith("CC")
