"""Write down which names and parameters Isaac Sim has, from its wheels, without installing or importing them.

    python tests/renderers/isaac/record_signatures.py signatures.json 6.2.0.0 isaacsim_*.whl

Functions and classes in `MODULES` are read from their definitions. Replicator and the timeline come with no Python
source, so of these it is recorded what Isaac Sim's own code calls, and with which keywords.
"""

from __future__ import annotations

import ast
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

MODULES = {
    "isaacsim": "isaacsim.simulation_app/isaacsim/simulation_app/simulation_app.py",
    "isaacsim.core.experimental.utils.stage": "isaacsim/core/experimental/utils/impl/stage.py",
}
NAMES = {"rep": "omni.replicator.core", "timeline": "omni.timeline.ITimeline", "omni": "omni"}
WRITERS = ("writer", "backend", "rp", "render_product")
"""What Isaac Sim's code calls the objects whose methods are recorded as `<object>.method`."""


def sources(wheels: list[Path]) -> Iterator[tuple[str, str]]:
    """Path and text of every Python file of Isaac Sim in some wheels."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(".py") and "pip_prebundle" not in name:
                    yield name, archive.read(name).decode("utf8", "replace")


def parameters(function: ast.FunctionDef, *, method: bool) -> list[str]:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    return names[1:] if method else names


def definitions(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node.name, parameters(node, method=False)
        elif isinstance(node, ast.ClassDef):
            for each in (child for child in node.body if isinstance(child, ast.FunctionDef)):
                if each.name == "__init__" or not each.name.startswith("_"):
                    yield f"{node.name}.{each.name}", parameters(each, method=True)


def calls(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """Full name and keywords of calls of Replicator, of a timeline, and of writers and what they write."""
    for node in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
        name = ast.unparse(node.func).removeprefix("self._").removeprefix("self.")
        root, _, rest = name.partition(".")
        keywords = {keyword.arg for keyword in node.keywords if keyword.arg}
        if root == "rep" or (root == "timeline" and "." not in rest) or name.startswith("omni.timeline."):
            yield f"{NAMES[root]}.{rest}", keywords
        elif any(root == each or root.endswith("_" + each) for each in WRITERS) and rest.isidentifier():
            kind = next(each for each in WRITERS if root == each or root.endswith("_" + each))
            yield f"<{'product' if kind in ('rp', 'render_product') else kind}>.{rest}", keywords


def record(wheels: list[Path]) -> dict[str, dict[str, list[str]]]:
    defined: dict[str, list[str]] = {}
    called: dict[str, set[str]] = {}
    for path, text in sources(wheels):
        for module, file in MODULES.items():
            if path.endswith(file):
                defined.update({f"{module}.{name}": names for name, names in definitions(ast.parse(text))})
        if "omni.replicator.core" in text:
            for name, keywords in calls(ast.parse(text)):
                called.setdefault(name, set()).update(keywords)
    # Every step of Replicator exists as a coroutine too, with the same keywords.
    for name in [name for name in called if name.endswith("_async")]:
        called.setdefault(name.removesuffix("_async"), set()).update(called[name])
    tidy = {name: sorted(keywords) for name, keywords in sorted(called.items()) if name.count(".") < 6}
    return {"defined": dict(sorted(defined.items())), "called": tidy}


if __name__ == "__main__":
    out, version, *files = sys.argv[1:]
    facts = {"isaacsim": version, **record([Path(file) for file in files])}
    Path(out).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
