"""`dataengine assets`: look at what is in the index, and bring things into it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assets_index.asset import Asset, Role
from assets_index.errors import MissingAsset
from assets_index.index import AssetIndex
from dataengine.cli.options import AsJson, Index
from dataengine.cli.progress import counting_bar, progress_bar

if TYPE_CHECKING:
    from assets_index.gallery import Tile
    from assets_index.ingest.batch import IngestReport

app = typer.Typer(
    name="assets",
    help=(
        "List, show and ingest the things that scenes are made of.\n\n"
        "Try: dataengine assets gallery --role object --out gallery.png. The procedural library is built on first use; "
        "add real things with: dataengine assets ingest sweethome3d FILE."
    ),
    no_args_is_help=True,
)
ingest_app = typer.Typer(
    name="ingest",
    help="Bring meshes made elsewhere into the index: scaled, repaired, decomposed, measured, with their licences.",
    no_args_is_help=True,
)
app.add_typer(ingest_app)

RoleOption = Annotated[Role | None, typer.Option(help="Only object, container, table or fixture.")]
Category = Annotated[str | None, typer.Option(help='Only this category, e.g. "mug".')]
SourceKind = Annotated[str | None, typer.Option("--source", help="Only procedural, sweethome3d or folder.")]
Limit = Annotated[int | None, typer.Option(min=1, help="At most so many.")]
Workers = Annotated[int, typer.Option(min=1, help="Processes; the result does not depend on their number.")]

LISTED = ("id", "role", "category", "name", "split")


def opened_index(root: Path | None) -> AssetIndex:
    """The index; the procedural library is built into an empty one."""
    index = AssetIndex.open(root)
    if not index.find():
        from assets_index.procedural.library import ensure_library

        with counting_bar("procedural library") as progress:
            ensure_library(index, progress=progress)
    return index


@app.command("list")
def list_assets(
    role: RoleOption = None,
    category: Category = None,
    source: SourceKind = None,
    text: Annotated[str | None, typer.Option(help="Words that must occur in name, category or captions.")] = None,
    limit: Limit = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """List assets: id, role, category, name, split. Next: `dataengine assets show ID`."""
    found = opened_index(index).find(role=role, category=category, source=source, text=text)[:limit]
    if as_json:
        typer.echo(json.dumps([_summary(asset) for asset in found], indent=1))
        return
    _print_table(LISTED, [[str(_summary(asset)[column]) for column in LISTED] for asset in found])
    typer.echo(f"{len(found)} assets")


@app.command()
def show(
    asset_id: Annotated[str, typer.Argument(help="Id of an asset, or the beginning of one.", show_default=False)],
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Show all that is known of one asset: words, size, mass, stable poses, cavity, source, licence."""
    opened = opened_index(index)
    asset = only_match(opened, asset_id)
    if as_json:
        typer.echo(asset.model_dump_json(indent=1))
        return
    rows = [[key, _readable(value)] for key, value in asset.model_dump(mode="json").items() if value not in (None, [])]
    faces = sum(len(part.faces) for part in opened.visual(asset.id))
    hulls = opened.hulls(asset.id)
    rows.append(["mesh", f"{faces} faces; {len(hulls)} collision hulls, {sum(map(len, hulls))} vertices"])
    _print_table(("", asset.id), rows)


@app.command()
def stats(index: Index = None, as_json: AsJson = False) -> None:
    """Count assets by role, category, source, licence and split, and list the quarantine's reasons."""
    opened = opened_index(index)
    assets = opened.find()
    counts: dict[str, Counter[str]] = {
        "role": Counter(asset.role for asset in assets),
        "split": Counter(asset.split for asset in assets),
        "source": Counter(asset.source.kind for asset in assets),
        "license": Counter(asset.source.license for asset in assets),
        "category": Counter(f"{asset.category} ({asset.role})" for asset in assets),
        "quarantined": Counter(reason.split(":")[0] for reason in opened.quarantined().values()),
    }
    if as_json:
        document = {key: dict(sorted(count.items())) for key, count in counts.items()}
        typer.echo(json.dumps({"assets": len(assets), **document}, indent=1))
        return
    for key, count in counts.items():
        if count:
            _print_table((key, "count"), [[name, str(number)] for name, number in count.most_common()])


@app.command()
def gallery(
    out: Annotated[Path, typer.Option(help="PNG file to write.")] = Path("gallery.png"),
    role: RoleOption = None,
    category: Category = None,
    source: SourceKind = None,
    textures: Annotated[bool, typer.Option("--textures", help="Show the textures instead.")] = False,
    domes: Annotated[bool, typer.Option("--domes", help="Show the HDR domes instead.")] = False,
    limit: Limit = 200,
    index: Index = None,
) -> None:
    """Draw a contact sheet: assets with names and sizes, or all textures, or all domes."""
    from assets_index.gallery import asset_tiles, write_sheet

    if textures or domes:
        tiles = _surface_tiles(AssetIndex.open(index), domes, limit)
    else:
        opened = opened_index(index)
        found = opened.find(role=role, category=category, source=source)
        found = sorted(found, key=lambda asset: (asset.role, asset.group, asset.category, asset.id))[:limit]
        with progress_bar("drawing", len(found)) as advance:
            tiles = []
            for tile in asset_tiles(opened, found):
                tiles.append(tile)
                advance(1, "")
    write_sheet(out, tiles, columns=4 if domes else 8)
    typer.echo(f"{len(tiles)} pictures: {out}")


@ingest_app.command()
def sweethome3d(
    file: Annotated[Path, typer.Argument(help="The .deb, a .sh3f catalogue, or a folder of them.", show_default=False)],
    workers: Workers = 1,
    limit: Limit = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Ingest household things of Sweet Home 3D (CC0 and CC-BY).

    Get the file with: apt-get download sweethome3d-furniture (120 MB). A second ingest of the same file takes seconds.
    """
    from assets_index.ingest.sweethome3d import ingest_sweethome3d

    with counting_bar("ingest") as progress:
        report = ingest_sweethome3d(file, AssetIndex.open(index), workers, limit, progress)
    _print_report(report, as_json)


@ingest_app.command()
def folder(
    directory: Annotated[Path, typer.Argument(help="Folder of GLB, glTF, OBJ, STL or PLY files.", show_default=False)],
    workers: Workers = 1,
    limit: Limit = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Ingest a folder of meshes.

    mug.glb may be described by mug.json: {"category": "mug", "role": "object", "license": "CC-BY-4.0",
    "creator": "...", "size": [0.12, 0.09, 0.1], "up": "y"}; every key may be left out.
    """
    from assets_index.ingest.folder import ingest_folder

    with counting_bar("ingest") as progress:
        report = ingest_folder(directory, AssetIndex.open(index), workers, limit, progress)
    _print_report(report, as_json)


@ingest_app.command()
def surfaces(
    directory: Annotated[Path, typer.Argument(help="Folder of HDR files or of maps.", show_default=False)],
    license_name: Annotated[str | None, typer.Option("--license", help="Of all whose sidecar does not say.")] = None,
    creator: Annotated[str | None, typer.Option(help="Of all whose sidecar does not say.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A word by which looks choose; may be repeated.")] = None,
    limit: Limit = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Ingest domes (equirectangular .hdr, .exr) and PBR textures (maps named as Poly Haven or ambientCG do).

    attic.hdr may be described by attic.json, planks_diff_2k.jpg and planks_nor_gl_2k.jpg by planks.json:
    {"kind": "wood", "tags": ["table"], "tile_size": 1.5, "license": "CC0-1.0", "creator": "..."}.
    Looks take them where an axis says so, e.g. dome: {sources: [folder]}.
    """
    from assets_index.ingest.pictures import UnusableSurface
    from assets_index.ingest.surfaces import Sidecar, ingest_surfaces

    options = {"license": license_name, "creator": creator, "tags": tag}
    said = Sidecar.model_validate({key: value for key, value in options.items() if value})
    with counting_bar("ingest") as progress:
        report = ingest_surfaces(directory, AssetIndex.open(index), said, limit, progress)
    _print_report(report, as_json)
    if report.quarantined:
        raise UnusableSurface(f"{len(report.quarantined)} not used: {next(iter(report.quarantined.values()))}")


def _print_report(report: IngestReport, as_json: bool) -> None:
    if as_json:
        document = {"added": report.added, "kept": report.kept, "quarantined": report.quarantined}
        typer.echo(json.dumps(document, indent=1))
        return
    if report.quarantined:
        _print_table(("not used", "reason"), [[name, reason] for name, reason in sorted(report.quarantined.items())])
    typer.echo(f"{len(report.added)} added, {len(report.kept)} there already, {len(report.quarantined)} not usable")


def _surface_tiles(index: AssetIndex, domes: bool, limit: int | None) -> list[Tile]:
    from assets_index import gallery as sheets

    library = index.surfaces
    if domes:
        return list(sheets.dome_tiles(library.dome(entry.id) for entry in library.domes()[:limit]))
    return list(sheets.texture_tiles(library.texture(entry.id) for entry in library.textures()[:limit]))


def only_match(index: AssetIndex, asset_id: str) -> Asset:
    """The asset of that id, or the only one whose id begins so."""
    matches = [asset for asset in index.find() if asset.id.startswith(asset_id)]
    if len(matches) > 1 and asset_id not in {asset.id for asset in matches}:
        some = ", ".join(asset.id for asset in matches[:4])
        raise MissingAsset(f"{len(matches)} assets begin with {asset_id!r}: {some} …; say more of the id")
    return matches[0] if len(matches) == 1 else index.asset(asset_id)


def _summary(asset: Asset) -> dict[str, str | float | None]:
    return {
        "id": asset.id,
        "role": asset.role,
        "category": asset.category,
        "name": asset.name,
        "split": asset.split,
        "source": asset.source.kind,
        "license": asset.source.license,
        "mass": asset.mass,
        "largest_extent": max(asset.extents),
    }


def _readable(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_readable(item)}" for key, item in value.items() if item is not None)
    if isinstance(value, list):
        shown = "; ".join(_readable(item) for item in value[:6])
        return shown + (f"; … {len(value)} in all" if len(value) > 6 else "")
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(*columns)
    for row in rows:
        table.add_row(*map(escape, row))
    Console().print(table)
