from __future__ import annotations

import numpy as np
import pytest

from assets_index.asset import Attributes
from tests.scene_graph.shapes import Shelf, add_bowl, add_box, add_can, add_plate, add_table

COLORS = ("red", "green", "blue", "yellow", "white")


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    """Blocks, cans, a bowl and a plate of several colours; ids are block_0.., can_0.., bowl, plate, table."""
    shelf, rng = Shelf(), np.random.default_rng(7)
    add_table(shelf)
    add_bowl(shelf, "bowl", attributes=Attributes(color="blue", material="ceramic", shape="round"))
    add_bowl(shelf, "wide_bowl", radius=0.14, attributes=Attributes(color="green", material="plastic", shape="round"))
    add_plate(shelf, "plate", attributes=Attributes(color="white", material="ceramic", shape="round"))
    for number in range(10):
        color = COLORS[number % len(COLORS)]
        size = tuple(float(edge) for edge in rng.uniform(0.03, 0.07, 3))
        block = Attributes(color=color, material="wooden", shape="box-shaped")
        can = Attributes(color=color, material="metal", shape="cylindrical")
        add_box(shelf, f"block_{number}", size, attributes=block)
        add_can(shelf, f"can_{number}", *(float(v) for v in rng.uniform((0.02, 0.06), (0.035, 0.12))), attributes=can)
    return shelf
