"""How fast stage 2 trains, and how much of the machine that uses.

`samples_per_s` counts action and grounding samples; `mfu` is the floating-point operations of a step over its time,
against the matrix products this machine achieves; `data_stall` is the share of the time spent waiting for batches.
Without --model and --data: the tiny model on noise pictures of the usual size.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from _command_line import new_parser, show
from torch.utils.flop_counter import FlopCounterMode

from assets_index.schema import read_yaml
from assets_index.transforms import Pose
from dataengine.samples import FrameKey, GroundingSample
from dataengine.storage.block import block_path
from dataengine.storage.clip import Clip, ClipMeta, Moment, Motion, ShardMeta
from dataengine.storage.shard_set import ShardSet
from dataengine.storage.shard_writer import write_shard
from renderers.camera import CameraSpec, CameraView, Intrinsics
from renderers.frame import Frame
from renderers.look import DomeLook, LightLook, Look, SurfaceLook
from trainer.cli import recipe_path
from trainer.data.processor import Processor
from trainer.data.statistics import action_statistics
from trainer.data.streams import ActionStream, GroundingStream
from trainer.model.initialize import initialize_tiny
from trainer.model.st4vla import ST4VLA
from trainer.train.log import StepReport, read_metrics
from trainer.train.loop import train
from trainer.train.recipe import Recipe

SIZE, JOINTS, WARM_UP = 224, 7, 3


def write_run(run: Path, clips: int, steps: int) -> None:
    names = ("front", "wrist")
    lens = Intrinsics.of_fov(SIZE, SIZE, 1.0)
    cameras = tuple(CameraSpec(name=n, mount="world", pose=Pose(), intrinsics=lens) for n in names)
    surface = SurfaceLook(texture_id="none")
    light = LightLook(direction=(0.0, 0.0, -1.0))
    look = Look(index=0, seed=0, dome=DomeLook(dome_id="none"), light=light, table=surface, floor=surface)
    rng = np.random.default_rng(0)

    def moment(clip: int, step: int) -> Moment:
        frames, questions = {}, []
        for name in names:
            view = CameraView(name, SIZE, SIZE, lens.matrix, np.eye(4))
            frames[name] = Frame(
                view, np.kron(rng.integers(0, 256, (28, 28, 3), np.uint8), np.ones((8, 8, 1), np.uint8))
            )
            key = FrameKey(episode=clip, step=step, look=0, camera=name)
            questions += [
                GroundingSample(
                    frame=key,
                    kind="box",
                    form="json",
                    question="Where is the mug?",
                    label="mug",
                    boxes=((9, 20, 70, 99),),
                )
            ] * 8
        return Moment(step, frames, {}, questions)

    def clip(number: int) -> Clip:
        meta = ClipMeta(
            episode=number,
            look=look,
            split="train",
            task="none",
            instructions=("put the mug on the plate",),
            subtasks=(),
            bodies={},
        )
        position = rng.normal(size=(steps + 1, JOINTS))
        motion = Motion(
            joint_position=position,
            finger_position=rng.uniform(0, 0.04, (steps + 1, 1, 2)),
            tcp_pose=np.zeros((steps + 1, 1, 7)),
            joint_command=position[1:],
            gripper_command=np.ones((steps, 1)),
            phase=np.zeros(steps, np.int8),
        )
        return Clip(meta, motion, (moment(number, step) for step in range(steps)))

    write_shard(
        block_path(run / "shards", 0),
        ShardMeta(cameras=cameras, renderer="noise", versions={}),
        map(clip, range(clips)),
    )


def step_flops(model_dir: Path, data: str, recipe: Recipe) -> float:
    """Floating-point operations of one step, forwards and backwards."""
    model, shards = ST4VLA.from_pretrained(model_dir), ShardSet(data)
    untrained = Processor.from_pretrained(model_dir, model.config.observation)
    processor = replace(untrained, statistics=action_statistics([shards], "quantiles"))
    assert recipe.grounding is not None
    assert recipe.action is not None
    questions = GroundingStream(shards, processor, seed=0, per_picture=recipe.grounding.questions)
    moments = ActionStream(shards, processor, model.config.action, seed=0)
    batches = (
        processor.grounding_batch([questions[i] for i in range(recipe.grounding.pictures)]),
        processor.action_batch([moments[i] for i in range(recipe.action.samples)]),
    )
    with FlopCounterMode(display=False) as counter:
        losses = model.train()(*batches)
        (losses.grounding + losses.action).backward()
    return float(counter.get_total_flops())


def peak_flops(device: str) -> float:
    """Floating-point operations a second of large matrix products, in the precision of training."""
    size, dtype = (8192, torch.bfloat16) if device == "cuda" else (2048, torch.float32)
    a, b = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    seconds = []
    for _ in range(8):
        start = time.perf_counter()
        (a @ b)[0, 0].item()
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds)


def measure(model_dir: Path, data: str, recipe: Recipe, out: Path) -> dict[str, float]:
    assert recipe.grounding is not None
    assert recipe.action is not None
    device = "cuda" if torch.cuda.is_available() else "cpu"
    train(recipe, model_dir=model_dir, data=[data], out=out)
    reports = [StepReport(**row) for row in read_metrics(out / "metrics.jsonl")][WARM_UP:]  # type: ignore[arg-type]
    seconds = float(np.median([report.seconds for report in reports]))
    stall = sum(report.data_seconds for report in reports) / sum(report.seconds for report in reports)
    samples = recipe.action.samples + recipe.grounding.pictures * recipe.grounding.questions
    memory = (
        torch.cuda.max_memory_allocated()
        if device == "cuda"
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )
    flops = step_flops(model_dir, data, recipe)
    return {
        "samples_per_s": samples / seconds,
        "mfu": flops / seconds / peak_flops(device),
        "data_stall": stall,
        "peak_memory_gib": memory / 2**30,
        "step_s": seconds,
        "step_gflop": flops / 1e9,
        "action_samples": recipe.action.samples,
        "grounding_samples": recipe.grounding.pictures * recipe.grounding.questions,
        "threads": torch.get_num_threads(),
    }


def main() -> None:
    parser = new_parser(__doc__)
    parser.add_argument("--model", type=Path, help="checkpoint to train")
    parser.add_argument("--data", help="run or shard to train on")
    parser.add_argument("--recipe", default="tiny_spatially_guided", help="file or name of a stage-2 recipe")
    parser.add_argument("--steps", type=int, default=20)
    arguments = parser.parse_args()
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        if arguments.data is None:
            write_run(scratch / "run", clips=4, steps=24)
        if arguments.model is None:
            initialize_tiny(scratch / "model")
        changes = {"steps": arguments.steps + WARM_UP, "checkpoint_every": 10**9}
        recipe = read_yaml(recipe_path(arguments.recipe), Recipe).model_copy(update=changes)
        result = measure(
            arguments.model or scratch / "model", arguments.data or str(scratch / "run"), recipe, scratch / "out"
        )
    show(result, arguments.json)


if __name__ == "__main__":
    main()
