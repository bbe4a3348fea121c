"""How fast stage 2 trains and acts, and how much of the machine that uses.

`samples_per_s` counts moments and pictures with questions, `action_samples_per_s` moments alone; `mfu` is the
floating-point operations of a step, as torch counts them, over its time and the device's peak: that of its data sheet,
or on a CPU the matrix products it achieves; `data_stall` is the share of the time spent waiting for batches; `chunk_ms`
is one call of the policy, from pictures to actions. Batches are prepared by `workers` processes for each stream, one
where the recipe has none, as those of the tiny model.

Without --data: noise pictures of 224 x 224, two views. --size tiny is the tiny model; --size paper is Qwen2.5-VL-3B,
DINOv2-S and DiT-B with random weights, which need a GPU of 80 GB and 16 GB of disk, and nothing from a hub. Without a
GPU the paper's size is only counted, on torch's meta device, and the rest is reported as not run.
"""

from __future__ import annotations

import gc
import os
import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from _command_line import new_parser, show
from _noise_run import write_run
from torch.utils.flop_counter import FlopCounterMode

from assets_index.schema import read_yaml
from dataengine.storage.shard_set import ShardSet
from trainer.data.corpus import wording_corpus
from trainer.data.processor import Processor
from trainer.data.statistics import action_statistics
from trainer.data.streams import ActionStream, GroundingStream
from trainer.evaluate.policy import Policy
from trainer.model.initialize import initialize_tiny
from trainer.model.published import paper_model
from trainer.model.sizes import TINY_VOCABULARY
from trainer.model.tokenizer import train_qwen_tokenizer
from trainer.planners.qwen import QwenProcessor
from trainer.planners.qwen_images import QwenImages
from trainer.recipes import recipe_path
from trainer.train.log import StepReport
from trainer.train.loop import train
from trainer.train.recipe import Recipe

WARM_UP, CALLS = 3, 10
RECIPES = {"tiny": "tiny_spatially_guided", "paper": "spatially_guided"}
NOT_RUN = ("samples_per_s", "action_samples_per_s", "mfu", "data_stall", "peak_memory_gib", "step_s", "chunk_ms")


class Measured(Exception):
    """Raised to leave a run before it saves anything."""


def paper_processor() -> QwenProcessor:
    """With a small tokenizer of our own, and at most 64 tokens a picture."""
    return QwenProcessor(train_qwen_tokenizer(wording_corpus(), TINY_VOCABULARY), QwenImages(max_pixels=224**2))


def initialize_paper(out: Path) -> None:
    planner = paper_processor()
    with torch.device("cuda"):
        model = paper_model(planner.tokenizer)
    model.save_pretrained(out)
    Processor(planner, model.config.observation).save_pretrained(out)


def trained_steps(model_dir: Path, data: str, recipe: Recipe, out: Path, steps: int) -> list[StepReport]:
    reports: list[StepReport] = []

    def on_step(report: StepReport) -> None:
        reports.append(report)
        if len(reports) == WARM_UP + steps:
            raise Measured

    endless = recipe.model_copy(update={"steps": 10**9, "checkpoint_every": 10**9})
    try:
        train(endless, model_dir=model_dir, data=[data], out=out, on_step=on_step)
    except Measured:
        gc.collect()
    return reports[WARM_UP:]


def milliseconds_to_act(model_dir: Path, data: str) -> float:
    policy, shards = Policy.from_pretrained(model_dir), ShardSet(data)
    policy.processor = replace(policy.processor, statistics=action_statistics([shards], "quantiles"))
    sample = shards.action(0)
    pictures = {name: shards.rgb(name, sample.row) for name in shards.cameras}
    seconds = []
    for _ in range(WARM_UP + CALLS):
        began = time.perf_counter()
        policy.act(sample.instructions[0], pictures, sample.state)
        seconds.append(time.perf_counter() - began)
    return 1e3 * float(np.median(seconds[WARM_UP:]))


def peak_memory() -> float:
    """GiB, of the GPU if there is one."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**30
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measure(model_dir: Path, data: str, recipe: Recipe, out: Path, steps: int) -> dict[str, object]:
    assert recipe.action is not None, "stage 2 has actions"
    reports = trained_steps(model_dir, data, recipe, out, steps)
    memory = peak_memory()
    seconds = float(np.median([report.seconds for report in reports]))
    return {
        "samples_per_s": reports[0].samples / seconds,
        "action_samples_per_s": recipe.action.samples * recipe.accumulate / seconds,
        "mfu": float(np.median([report.mfu for report in reports])),
        "data_stall": sum(report.data_seconds for report in reports) / sum(report.seconds for report in reports),
        "peak_memory_gib": memory,
        "step_s": seconds,
        "chunk_ms": milliseconds_to_act(model_dir, data),
        "workers": recipe.workers,
        "device": torch.cuda.get_device_name()
        if torch.cuda.is_available()
        else f"{torch.get_num_threads()} CPU threads",
    }


def counted(data: str, recipe: Recipe) -> dict[str, object]:
    """The paper's model without numbers: its parameters, and the operations of a step, but for choosing words."""
    assert recipe.grounding is not None, "stage 2 has questions"
    assert recipe.action is not None, "stage 2 has actions"
    shards, planner = ShardSet(data), paper_processor()
    with torch.device("meta"):
        model = paper_model(planner.tokenizer)
    processor = Processor(planner, model.config.observation, action_statistics([shards], "quantiles"))
    questions = GroundingStream(shards, processor, seed=0, per_picture=recipe.grounding.questions)
    moments = ActionStream(shards, processor, model.config.action, seed=0)
    turns = [questions[i] for i in range(recipe.grounding.pictures)]
    grounding = on_meta(processor.grounding_batch(turns, recipe.grounding.row_tokens))
    action = on_meta(processor.action_batch([moments[i] for i in range(recipe.action.samples)]))
    with FlopCounterMode(display=False) as counter:
        model.planner.hidden_states(grounding.inputs)
        model.action_expert.loss(action.actions, action.valid, model.condition(action))
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "planner_parameters": sum(parameter.numel() for parameter in model.planner.parameters()),
        "step_tflop": 3 * counter.get_total_flops() / 1e12,
        **dict.fromkeys(NOT_RUN),
        "why": "there is no GPU here: nothing of this size was run, only counted",
    }


def on_meta(batch):  # type: ignore[no-untyped-def]
    """Without numbers, but for the sizes of the pictures, which shapes follow from."""
    inputs = replace(batch.inputs.to("meta"), image_grid_thw=batch.inputs.image_grid_thw)
    return replace(batch.to("meta"), inputs=inputs)


def main() -> None:
    parser = new_parser(__doc__)
    parser.add_argument("--size", choices=sorted(RECIPES), default="tiny")
    parser.add_argument("--model", type=Path, help="checkpoint to train; by default random weights of that size")
    parser.add_argument("--data", help="run or shard to train on")
    parser.add_argument("--recipe", help="file or name of a stage-2 recipe; by default the shipped one of that size")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument(
        "--workers", type=int, help="processes that prepare batches; by default the recipe's, at least 1"
    )
    parser.add_argument("--device", choices=("gpu", "cpu"), help="by default a GPU if there is one")
    options = parser.parse_args()
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    if options.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if options.device == "gpu" and not torch.cuda.is_available():
        parser.error("--device gpu: torch finds none")
    recipe = read_yaml(recipe_path(options.recipe or RECIPES[options.size]), Recipe)
    workers = max(1, recipe.workers) if options.workers is None else options.workers
    recipe = recipe.model_copy(update={"workers": workers})
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        data = options.data or str(scratch / "run")
        if options.data is None:
            write_run(scratch / "run", clips=4, steps=24)
        if options.size == "paper" and not torch.cuda.is_available():
            show({"size": options.size, **counted(data, recipe)}, options.json)
            return
        model = options.model or scratch / "model"
        if options.model is None:
            initialize_tiny(model) if options.size == "tiny" else initialize_paper(model)
        show({"size": options.size, **measure(model, data, recipe, scratch / "out", options.steps)}, options.json)


if __name__ == "__main__":
    main()
