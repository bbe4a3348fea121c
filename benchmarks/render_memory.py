"""Whether workers that draw stay small. `python benchmarks/render_memory.py --json`.

One worker draws layout after layout, each a scene and a look of its own: the work of an episode as far as memory goes,
at a hundredth of its pictures. It is replaced after 16 blocks, as in a run. `peak_rss_gib` is the greatest resident
memory of any worker; `peak_growth_mib` how much higher the peak of the last worker that lived to its end is than that
of the second, nothing if recycling gives all memory back (the first one may find nothing on disk cached);
`creep_mib_per_layout` the slope within a worker's life, which recycling is for. 2,000 layouts (`--layouts 2000`) take
most of an hour of a core.
"""

from __future__ import annotations

import os
import resource
import tempfile
from contextlib import closing
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np
from _command_line import library_index, new_parser, show
from scaling import resident_gib

from dataengine.pipeline.config import GroundConfig, RunConfig
from dataengine.pipeline.ground import ground_block
from dataengine.runner.pool import run_blocks


def block_size(block: int, *, run: Path, config: RunConfig, assets: Path | None) -> tuple[int, int, float, float]:
    """Draw a block; the worker's number, layouts drawn, and its memory now and at its peak, GiB."""
    drawn = ground_block(block, run=run, config=config, index_root=assets).layouts
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return os.getpid(), drawn, resident_gib(), peak


def slope(values: list[float]) -> float:
    """Of a line through values at 0, 1, 2, ..."""
    return float(np.polyfit(range(len(values)), values, 1)[0])


def measure(layouts: int, block_layouts: int, seed: int, assets: Path | None) -> dict[str, object]:
    """Memory over many layouts."""
    config = RunConfig(seed=seed, block_attempts=block_layouts, ground=GroundConfig(layouts=layouts))
    with tempfile.TemporaryDirectory() as folder:
        function = partial(block_size, run=Path(folder), config=config, assets=assets)
        with closing(run_blocks(function, range(-(-layouts // block_layouts)), workers=1)) as reports:
            seen = [report.value for report in reports]
    lives = [list(life) for _, life in groupby(seen, key=lambda report: report[0])]
    peaks = [life[-1][3] for life in lives]
    whole = [peak for peak, life in zip(peaks, lives, strict=True) if len(life) == len(lives[0])]
    slopes = [slope([resident for _, _, resident, _ in life[1:]]) for life in lives if len(life) > 3]
    return {
        "layouts": sum(drawn for _, drawn, _, _ in seen),
        "workers": len(lives),
        "peak_rss_gib": max(peaks),
        "peak_growth_mib": 1024 * (whole[-1] - whole[1]) if len(whole) > 2 else None,
        "creep_mib_per_layout": 1024 * float(np.median(slopes)) / block_layouts if slopes else None,
        "peaks_gib": [round(peak, 3) for peak in peaks],
    }


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = new_parser(__doc__, seeded=True)
    parser.add_argument("--layouts", type=int, default=192)
    parser.add_argument("--block-layouts", type=int, default=4, help="16 blocks are a worker's life; 8 in a usual run")
    arguments = parser.parse_args()
    library_index(arguments.assets)
    result = measure(arguments.layouts, arguments.block_layouts, arguments.seed, arguments.assets)
    show(result, arguments.json)


if __name__ == "__main__":
    main()
