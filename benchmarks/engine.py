"""Yield and speed of the engine without rendering. `python benchmarks/engine.py --json`.

Per scene: `accept_rate`; `accepted_per_core_hour`; `time_over_mj_step`, the CPU time spent for one accepted episode
over that of bare `mj_step` with the same controls from the same start; `peak_rss_gib`; `shares`, the part of the time
that each stage takes, with `before_motion` for layout, compiling, grasp choice and planning together. Grasps are found
beforehand, as they are once per asset, and are reported on their own.

`upright` and `random` have eleven objects and a container. `upright` takes procedural assets only, `random` whatever
the index holds: give one with `--assets` that other assets were ingested into, to have them mixed. `bodies` says how
many of the scenes' bodies came from which kind of source.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import mujoco
import numpy as np
from _command_line import library_index, new_parser, show
from _spans import Spans

from assets_index.index import AssetIndex
from assets_index.robots import arms, setup_names
from assets_index.seeding import Stage, generator
from dataengine.engine import EngineConfig, attempt
from dataengine.engine.graspability import graspability
from dataengine.grasps.grasp_set import find_grasps, grasps_for
from dataengine.record import EpisodeRecord
from dataengine.rejection import Rejection
from dataengine.replay import simulation_at_start
from scene_graph.task import TaskSpec
from scene_graph.tasks import builtin_tasks, read_task, synthesize

INTO_OR_ONTO = {
    "extends": "pick_and_place",
    "distractors": {"count": 10},
    "variants": {"beside_on_the_left": {"share": 0}, "beside_on_the_right": {"share": 0}},
}
TASKS = {
    "upright": read_task({**INTO_OR_ONTO, "all_roles": {"source": "procedural"}}),
    "random": read_task({**INTO_OR_ONTO, "all_roles": {"orientation": "random"}}),
    **{name: read_task(name) for name in builtin_tasks()},
}
GRASP_SAMPLE = 5


def bare_seconds(record: EpisodeRecord, index: AssetIndex) -> float:
    """CPU time of `mj_step` alone over the record's simulated time."""
    simulation = simulation_at_start(record, index)
    rows = []
    for command, gripper in zip(record.joint_command, record.gripper_command, strict=True):
        rows.append(simulation.controls(command, gripper))
        simulation.step(command, gripper)
    simulation = simulation_at_start(record, index)
    model, data, substeps = simulation.model, simulation.data, simulation.settings.substeps
    controls = np.concatenate(rows)
    began = time.process_time()
    for row in controls:
        data.ctrl[:] = row
        mujoco.mj_step(model, data, substeps)
    return time.process_time() - began


def grasp_seconds(index: AssetIndex, tasks: list[TaskSpec], config: EngineConfig) -> float:
    """Find the grasps of all targets; the mean CPU time an asset takes, measured on a few."""
    targets = sorted({task.scene.node(name).asset_id for task in tasks for name in task.picked})
    arm = arms(config.robot)[0].robot
    for target in targets:
        grasps_for(index.asset(target), index, arm, config.grasps, config.physics)
    began = time.process_time()
    for target in targets[:GRASP_SAMPLE]:
        find_grasps(index.asset(target), index.hulls(target), arm, config.grasps, config.physics)
    return (time.process_time() - began) / max(1, len(targets[:GRASP_SAMPLE]))


def measure(root: Path | None, scene: str, attempts: int, seed: int, robot_name: str) -> dict[str, object]:
    """Make attempts at one kind of scene."""
    index, config = AssetIndex.open(root), EngineConfig(robot=robot_name)
    graspable = graspability(index, config)

    def make_task(_: int, rng: np.random.Generator) -> TaskSpec:
        return synthesize(TASKS[scene], index, rng, graspable)

    tasks = [make_task(number, generator(seed, Stage.TASK, number)) for number in range(attempts)]
    per_asset = grasp_seconds(index, tasks, config)
    spans, bare = Spans(), 0.0
    accepted, rejected = list[EpisodeRecord](), Counter[str]()
    for number in range(attempts):
        with spans.watched():
            outcome = attempt(number, run_seed=seed, assets=index, config=config, make_task=make_task)
        if isinstance(outcome, Rejection):
            rejected[outcome.cause.value] += 1
        else:
            accepted.append(outcome)
            bare += bare_seconds(outcome, index)  # at once: other work on the machine slows both alike
    spent = spans.seconds.total()
    sources = Counter(index.asset(node.asset_id).source.kind for task in tasks for node in task.scene.nodes)
    return {
        "attempts": attempts,
        "accept_rate": len(accepted) / attempts,
        "accepted_per_core_hour": 3600 * len(accepted) / spent,
        "time_over_mj_step": spent / bare if bare else None,
        "peak_rss_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "seconds_per_accepted": spent / max(1, len(accepted)),
        "simulated_seconds": float(np.mean([record.steps / record.meta.rate for record in accepted])),
        "median_slip_mm": 1e3 * float(np.median([record.meta.verification.slip for record in accepted])),
        "grasp_seconds_per_asset": per_asset,
        "shares": spans.shares(),
        "bodies": dict(sorted(sources.items())),
        "rejected": dict(sorted(rejected.items())),
    }


def main() -> None:
    """Parse the arguments, measure each scene in a process of its own, print."""
    parser = new_parser(__doc__, seeded=True)
    parser.add_argument("--attempts", type=int, default=150)
    parser.add_argument("--scenes", nargs="+", choices=sorted(TASKS), default=["upright"])
    parser.add_argument("--robot", choices=setup_names(), default=EngineConfig().robot)
    arguments = parser.parse_args()
    library_index(arguments.assets)
    context = multiprocessing.get_context("spawn")
    result = {}
    for scene in arguments.scenes:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            work = pool.submit(measure, arguments.assets, scene, arguments.attempts, arguments.seed, arguments.robot)
            result[scene] = work.result()
    show(result, arguments.json)


if __name__ == "__main__":
    main()
