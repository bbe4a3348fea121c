"""A run in a process of its own, to be interrupted and killed.

`python -m tests.dataengine.runner.driver RUN WORKERS TARGET SECONDS`
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from assets_index.errors import EngineError
from dataengine.runner.folder import keep_first_blocks, run_folder
from dataengine.runner.prefix import run_until
from dataengine.storage.block import block_number, block_paths
from dataengine.storage.ledger import write_ledger
from dataengine.storage.records import run_ledger
from tests.dataengine.runner.blocks import as_is
from tests.dataengine.runner.record_blocks import accepted_of, write_block


def drive(run: Path, workers: int, target: int, seconds: float) -> int:
    with run_folder(run):
        known = {block_number(path): accepted_of(path) for path in block_paths(run / "records")}
        function = partial(write_block, run, seconds)
        blocks = run_until(function, target, count=as_is, limit=100, workers=workers, known=known)
        keep_first_blocks(run / "records", len(blocks))
        write_ledger(run, run_ledger(run))
        return sum(blocks)


if __name__ == "__main__":
    try:
        print(drive(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
    except EngineError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
