"""Whether the engine stays small and scales. `python benchmarks/scaling.py --json`.

`peak_rss_gib` and `growth_mib_per_1000`: resident memory of one worker over `--attempts` attempts in one process, its
peak and the slope of a line through the second half, when everything is warm (2,000 attempts take ten minutes of a
core; the default takes two). `two_over_one`: accepted episodes a second with two workers over those with one, by the
clock, after the workers have started. It means something on a machine that has two cores to itself: `load` is what else
was running, and `cpu_seconds_two_over_one` is the CPU time of a block beside another over that of a block alone, which
shows contention for caches and memory however busy the machine is.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
from _command_line import library_index, new_parser, show

from dataengine.pipeline.config import RunConfig
from dataengine.pipeline.generate import generate_block
from dataengine.runner.pool import run_blocks

SAMPLES = 40
RECYCLE_NEVER = 10**9
TASK = {"extends": "pick_and_place", "all_roles": {"orientation": "random"}}


def resident_gib() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**30


def memory(attempts: int, seed: int, assets: Path | None) -> dict[str, float]:
    """Memory over many attempts in one process that is never recycled."""
    per_block = max(1, attempts // SAMPLES)
    config = RunConfig(seed=seed, block_attempts=per_block, task=TASK)
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        for block in range(attempts // per_block):
            generate_block(block, run=Path(folder), config=config, index_root=assets)
            sizes.append(resident_gib())
    later = np.arange(len(sizes))[len(sizes) // 2 :]
    slope = np.polyfit(later * per_block, 1024 * np.array(sizes)[later], 1)[0]
    return {
        "attempts": len(sizes) * per_block,
        "peak_rss_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "rss_after_half_gib": sizes[len(sizes) // 2],
        "rss_at_end_gib": sizes[-1],
        "growth_mib_per_1000": 1000 * float(slope),
    }


def timed_block(block: int, *, run: Path, config: RunConfig, assets: Path | None) -> tuple[int, float]:
    """Do a block; how many episodes were accepted, and the CPU time it took."""
    began = time.process_time()
    return generate_block(block, run=run, config=config, index_root=assets).accepted, time.process_time() - began


def throughput(workers: int, blocks: int, config: RunConfig, assets: Path | None) -> tuple[float, float]:
    """Accepted episodes a second by the clock, and CPU seconds a block, once every worker has done its first block."""
    values, times = [], []
    with tempfile.TemporaryDirectory() as folder:
        function = partial(timed_block, run=Path(folder), config=config, assets=assets)
        reports = run_blocks(function, range(blocks + workers), workers=workers, recycle_after=RECYCLE_NEVER)
        with closing(reports):
            for report in reports:
                values.append(report.value)
                times.append(time.perf_counter())
    warm = values[workers:]
    return sum(accepted for accepted, _ in warm) / (times[-1] - times[workers - 1]), float(
        np.mean([seconds for _, seconds in warm])
    )


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = new_parser(__doc__, seeded=True)
    parser.add_argument("--attempts", type=int, default=400, help="for the memory of a worker")
    parser.add_argument("--blocks", type=int, default=16, help="of 8 attempts, for one worker and for two")
    arguments = parser.parse_args()
    library_index(arguments.assets)
    load = os.getloadavg()[0]
    config = RunConfig(seed=arguments.seed, task=TASK)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        # No fewer than are timed below, so that grasps, which are searched once per asset, are known by then.
        attempts = max(arguments.attempts, config.block_attempts * (arguments.blocks + 2))
        kept = pool.submit(memory, attempts, arguments.seed, arguments.assets).result()
    one, one_cpu = throughput(1, arguments.blocks, config, arguments.assets)
    two, two_cpu = throughput(2, arguments.blocks, config, arguments.assets)
    result = {
        **kept,
        "accepted_per_s_one": one,
        "accepted_per_s_two": two,
        "two_over_one": two / one,
        "cpu_seconds_two_over_one": two_cpu / one_cpu,
        "cores": os.cpu_count(),
        "load": load,
    }
    show(result, arguments.json)


if __name__ == "__main__":
    main()
