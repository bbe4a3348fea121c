"""Making a surface fit to be drawn: welded, without slivers, every face turned to where it is seen from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from assets_index.errors import UnusableMesh
from assets_index.ingest.load import Surface
from assets_index.rays import escapes
from assets_index.transforms import Array

WELD = 1e-5  # metres; closer vertices are one
SLIVER = 1e-12  # square metres
HIDDEN = 0.004  # share of rays that must get away from a patch for it to be kept
TWO_SIDED = 0.2  # a patch whose back sees this share of what its front sees is a sheet that shows both sides


def clean(surface: Surface) -> Surface:
    """Without repeated and collapsed faces; with vertices welded where position and texture coordinate agree."""
    key = np.round(surface.vertices / WELD)
    if surface.uv is not None:
        key = np.column_stack([key, np.round(surface.uv * 4096)])
    _, first, merged = np.unique(key, axis=0, return_index=True, return_inverse=True)
    faces = merged.ravel()[surface.faces]
    vertices = surface.vertices[first]
    corners = vertices[faces]
    area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    distinct = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    faces = faces[distinct & (area > SLIVER)]
    _, unique = np.unique(np.sort(faces, axis=1), axis=0, return_index=True)
    uv = None if surface.uv is None else surface.uv[first]
    return replace(surface, vertices=vertices, faces=faces[np.sort(unique)], uv=uv)


def face_the_viewer(surfaces: Sequence[Surface]) -> list[Surface]:
    """Turn every patch so that its front is seen from outside; hidden patches go, open sheets get a back.

    A patch is a set of faces that share edges with consistent winding. From both sides of its faces rays are sent out;
    the side from which more of them get away is the outside. This needs no watertight mesh, which such files rarely
    hold.

    Raises:
        UnusableMesh: if nothing of the surface can be seen.
    """
    surfaces = [surface for surface in map(clean, surfaces) if len(surface.faces)]
    if not surfaces:
        raise UnusableMesh("empty mesh")
    corners = np.concatenate([surface.vertices[surface.faces] for surface in surfaces])
    front, back = escapes(corners)
    turned, start = [], 0
    for surface in surfaces:
        rows = slice(start, start + len(surface.faces))
        turned.append(_turned(surface, corners[rows], front[rows], back[rows]))
        start = rows.stop
    kept = [surface for surface in turned if len(surface.faces)]
    if not kept:
        raise UnusableMesh("empty mesh: no face can be seen from outside")
    return kept


def _turned(surface: Surface, corners: Array, front: Array, back: Array) -> Surface:
    patch = _patches(surface)
    area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    weight = np.bincount(patch, area)
    ahead, behind = np.bincount(patch, area * front) / weight, np.bincount(patch, area * back) / weight
    flip, seen = (behind > ahead)[patch], (np.maximum(ahead, behind) > HIDDEN)[patch]
    sheet = (np.minimum(ahead, behind) > TWO_SIDED * np.maximum(ahead, behind))[patch]
    faces = np.where(flip[:, None], surface.faces[:, ::-1], surface.faces)
    return replace(surface, faces=np.concatenate([faces[seen], faces[seen & sheet][:, ::-1]]))


def _patches(surface: Surface) -> NDArray[np.int32]:
    """Patch number of every face."""
    _, place = np.unique(np.round(surface.vertices / WELD), axis=0, return_inverse=True)
    faces = place.ravel()[surface.faces]
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    face = np.repeat(np.arange(len(faces)), 3)
    # A neighbour with consistent winding runs along the shared edge the other way.
    count = int(faces.max()) + 1
    order = np.argsort(start * count + end, kind="stable")
    forward, backward = (start * count + end)[order], end * count + start
    found = np.minimum(np.searchsorted(forward, backward), len(forward) - 1)
    shared = forward[found] == backward
    links = coo_array((np.ones(shared.sum()), (face[shared], face[order][found[shared]])), shape=(len(faces),) * 2)
    return connected_components(links, directed=False)[1]
