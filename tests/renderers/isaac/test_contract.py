"""Every name and keyword that the adapter uses is one that Isaac Sim 6.2 has, as recorded from its wheels."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from renderers.isaac import adapter

RECORDED = json.loads((Path(__file__).parent / "signatures.json").read_text())
MODULES = {"isaacsim", "isaacsim.core.experimental.utils.stage", "omni.replicator.core", "omni.timeline"}
MEANT = {
    "SimulationApp": "isaacsim.SimulationApp.__init__",
    "app": "isaacsim.SimulationApp",
    "stage_utils": "isaacsim.core.experimental.utils.stage",
    "rep": "omni.replicator.core",
    "omni": "omni",
    "timeline": "omni.timeline.ITimeline",
    "writer": "<writer>",
    "backend": "<backend>",
    "product": "<product>",
}
"""What the names in the adapter stand for in the record."""


def faults(source: str) -> list[str]:
    """What a script uses that is not on record; also what it imports from elsewhere in Isaac Sim."""
    tree = ast.parse(source)
    return [*wrong_imports(tree), *(fault for call in used(tree) for fault in wrong_call(*call))]


def wrong_imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        yield from (name for name in names if name.split(".")[0] in ("isaacsim", "omni") and name not in MODULES)


def used(tree: ast.Module) -> Iterator[tuple[str, int, set[str]]]:
    """Recorded name, number of positional arguments and keywords of every call into Isaac Sim."""
    for node in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
        root, _, rest = ast.unparse(node.func).partition(".")
        if root in MEANT:
            name = f"{MEANT[root]}.{rest}" if rest else MEANT[root]
            yield name, len(node.args), {keyword.arg or "**" for keyword in node.keywords}


def wrong_call(name: str, positional: int, keywords: set[str]) -> Iterator[str]:
    if name in RECORDED["defined"]:
        parameters = RECORDED["defined"][name]
        if positional > len(parameters):
            yield f"{name}: {positional} arguments"
    elif name in RECORDED["called"]:
        parameters = RECORDED["called"][name]
    else:
        yield name
        return
    yield from (f"{name}({keyword}=)" for keyword in keywords - set(parameters))


def test_the_adapter_uses_nothing_that_isaac_sim_has_not() -> None:
    source = Path(adapter.__file__).read_text()
    assert RECORDED["isaacsim"].startswith("6.2.")
    assert faults(source) == []
    assert len({name for name, _, _ in used(ast.parse(source))}) >= 18, "calls escaped the check"


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("stage_utils.open_stage(", "stage_utils.open_usd_stage(", "open_usd_stage"),
        ("rt_subframes=", "subframes=", "orchestrator.step(subframes=)"),
        ("wait_until_complete()", "wait_done()", "orchestrator.wait_done"),
        ("camera_params=True", "camera_parameters=True", "camera_parameters"),
        ("timeline.set_current_time(", "timeline.seek(", "ITimeline.seek"),
        ("import omni.timeline", "import omni.isaac.core", "omni.isaac.core"),
        ("rep.writers.get(", "rep.writers.find(", "writers.find"),
        ('SimulationApp({"headless": True})', "SimulationApp({}, '', 1)", "3 arguments"),
    ],
)
def test_a_wrong_name_or_keyword_is_found(right: str, wrong: str, fault: str) -> None:
    source = Path(adapter.__file__).read_text()
    assert right in source
    assert any(fault in found for found in faults(source.replace(right, wrong)))


def test_the_licence_is_the_users_to_accept() -> None:
    """Nothing of ours sets the variable, neither in a shell nor in an environment."""
    root = Path(adapter.__file__).parents[2]
    texts = {path: path.read_text() for path in (root / "renderers/isaac").glob("*.py")}
    naming = [path.name for path, text in texts.items() if "ACCEPT_EULA" in text]
    assert naming == ["process.py"]
    assert "environ[" not in texts[root / "renderers/isaac/process.py"]
