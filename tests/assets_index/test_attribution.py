from pathlib import Path

import pytest

from assets_index.asset import Source
from assets_index.attribution import write_attribution
from assets_index.files import FileNotWritten
from assets_index.procedural.library import build
from assets_index.textures import texture


def test_everything_used_is_named_once_with_maker_and_licence(tmp_path: Path) -> None:
    apple = build("apple", 0).asset
    source = Source(
        kind="sweethome3d",
        reference="Blend Swap CC-BY#fork",
        creator="Jay|Artist",
        license="CC-BY-3.0",
        url="https://x.org",
    )
    fork = apple.model_copy(update={"id": "fork-123", "name": "metal fork", "source": source})
    wood = texture("wood-oak")
    path = tmp_path / "run" / "ATTRIBUTION.md"
    write_attribution(path, [fork, apple, fork], [(wood.id, wood.source), (wood.id, wood.source)])
    lines = path.read_text().splitlines()
    rows = [line for line in lines if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) == 3
    assert rows == sorted(rows)
    forks = [row for row in rows if "fork-123" in row]
    assert len(forks) == 1
    for words in ("metal fork", "Jay\\|Artist", "Blend Swap CC-BY#fork", "https://x.org", "[CC-BY-3.0](https://"):
        assert words in forks[0]
    assert any("wood-oak" in row and "Apache-2.0" in row for row in rows)
    write_attribution(tmp_path / "again.md", [apple, fork], [(wood.id, wood.source)])
    assert (tmp_path / "again.md").read_text() == path.read_text()


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileNotWritten, match=r"A\.md"):
        write_attribution(tmp_path / "file" / "A.md", [])
