"""Prints by how many megabytes a process grows while it opens one scene after another."""

from __future__ import annotations

import numpy as np
import psutil

from renderers.filament import FilamentRenderer
from renderers.scene import RenderBody, RenderScene
from tests.renderers.shapes import at, card, clutter, front, plain_look

WARM_UP, SCENES = 12, 32


def growth() -> float:
    scene, poses = clutter()
    renderer = FilamentRenderer(64, 64)
    sizes = []
    for i in range(SCENES):
        more = RenderBody("card", "object", 99, (card(np.full((512, 512, 3), i, np.uint8)),))
        renderer.open(RenderScene((*scene.bodies, more)), plain_look())
        renderer.draw({**poses, "card": at(0, 0, 0.1)}, front(64, 64), ids=True)
        sizes.append(psutil.Process().memory_info().rss / 2**20)
    renderer.close()
    return sizes[-1] - sizes[WARM_UP]


if __name__ == "__main__":
    print(growth())
