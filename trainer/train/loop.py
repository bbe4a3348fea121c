"""The training loop of both stages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator  # type: ignore[import-untyped]
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from assets_index.errors import InvalidConfig
from trainer.data.action_data import ActionData, check_actions
from trainer.data.batches import ActionBatch, GroundingBatch
from trainer.data.normalization import ActionStatistics
from trainer.data.processor import Processor
from trainer.data.sources.damage import CollateDrawn, DamageLog, DrawnBatch, Replacing
from trainer.data.sources.opening import (
    OpenedSource,
    action_sources,
    action_stream,
    open_sources,
    question_sources,
    question_stream,
)
from trainer.data.sources.source import named_sources
from trainer.data.statistics import action_statistics, check_reach
from trainer.data.streams import StepSampler
from trainer.errors import ActionSpecMismatch
from trainer.memory import explained_memory
from trainer.model.st4vla import ST4VLA, Losses
from trainer.train.averaging import WeightAverage
from trainer.train.boards import open_boards
from trainer.train.compilation import compile_blocks
from trainer.train.faults import Part, check_finite, memory_remedy
from trainer.train.log import METRICS, MetricsLog, StepReport, check_same_run, describe_run, read_metrics
from trainer.train.optimization import adamw, freeze_untrained, rate_factor, set_rates
from trainer.train.probes import Probes
from trainer.train.recipe import ActionRecipe, GroundingRecipe, Recipe
from trainer.train.state import Training, newest_checkpoint
from trainer.train.throughput import Speed, samples_per_step

Batches = Iterator[tuple[GroundingBatch | None, ActionBatch | None]]


def train(
    recipe: Recipe,
    *,
    model_dir: Path,
    data: Sequence[str],
    out: Path,
    resume: bool = False,
    on_step: Callable[[StepReport], None] | None = None,
) -> Path:
    """Train one stage; returns the directory of the trained model, `out/model`.

    Args:
        recipe: what is trained, on how much, how fast.
        model_dir: the checkpoint to start from; not read when resuming.
        data: what `trainer.data.sources.source.named_sources` takes, beside the recipe's own sources.
        out: metrics, checkpoints and the final model.
        resume: go on from the newest checkpoint in `out`, to the same weights as without the interruption.
        on_step: called after every step, for a progress bar.

    Raises:
        EngineError: if model, data and recipe do not fit together, or `out` holds another run.
    """
    accelerator = _accelerator(recipe)
    start_from = newest_checkpoint(out) if resume else model_dir
    model = ST4VLA.from_pretrained(start_from)
    sources = open_sources((*named_sources(data), *recipe.sources), leave_out_damaged=True)
    processor = Processor.from_pretrained(start_from, model.config.observation)
    processor = _prepare(model, processor, sources, recipe, resume)
    sizes = [source.size for source in sources]
    if resume:
        check_same_run(out, recipe, sizes)
    else:
        _check_new(out)
        if accelerator.is_main_process:
            describe_run(out, recipe, model_dir, data, sizes)
    training = _training(accelerator, model, processor, recipe)
    first = training.restore(start_from) if resume else 0

    damage = DamageLog(out / f"damaged-{accelerator.process_index:05d}.jsonl", recipe.max_damaged, resume=resume)
    for source in sources:
        damage.add_all(source.damage)
    batches = _batches(recipe, sources, processor, model, first, accelerator, damage)
    probes, speed = Probes.open(training, recipe), Speed(training, recipe.freeze)
    log = MetricsLog(out, first, open_boards(out, first, recipe)) if accelerator.is_main_process else None
    with log or nullcontext(), explained_memory("a step", memory_remedy(recipe)):
        if first == 0:
            _probe(probes, log, training, 0)
        for step in range(first + 1, recipe.steps + 1):
            report = _take_step(training, recipe, batches, speed, step, out)
            if log is not None:
                log.write(report)
            _probe(probes, log, training, step)
            if step % recipe.checkpoint_every == 0 or step == recipe.steps:
                training.save_checkpoint(out, step)
            if on_step is not None:
                on_step(report)

    training.save_model(out / "model")
    return out / "model"


def _take_step(training: Training, recipe: Recipe, batches: Batches, speed: Speed, step: int, out: Path) -> StepReport:
    """One update of the weights; raises Diverged before it if it would spoil them."""
    accelerator, began, waited = training.accelerator, time.perf_counter(), 0.0
    rate = rate_factor(step - 1, recipe.steps, recipe.optimizer)
    set_rates(training.optimizer, rate)
    parts = []
    for _ in range(recipe.accumulate):
        asked = time.perf_counter()
        grounding, action = next(batches)
        waited += time.perf_counter() - asked
        with accelerator.accumulate(training.wrapped):
            losses = training.wrapped(grounding, action)
            accelerator.backward(weighted_sum(losses, recipe))
        parts.append(Part.of(grounding, action, losses))
    norm = float(accelerator.clip_grad_norm_(training.wrapped.parameters(), recipe.optimizer.clip_norm))
    check_finite(parts, norm, step, out, accelerator.process_index)
    training.optimizer.step()
    training.optimizer.zero_grad(set_to_none=True)
    if training.average is not None:
        training.average.update()
    seconds = time.perf_counter() - began
    grounding_loss = _mean([part.grounding_loss for part in parts])
    action_loss = _mean([part.action_loss for part in parts])
    return StepReport(
        step=step,
        loss=_weighted(grounding_loss, recipe.grounding) + _weighted(action_loss, recipe.action),
        grounding=grounding_loss,
        action=action_loss,
        gradient_norm=norm,
        rate=rate,
        data_seconds=waited,
        seconds=seconds,
        samples=samples_per_step(recipe, accelerator.num_processes),
        mfu=speed.mfu(parts[0].grounding, parts[0].action, seconds / recipe.accumulate),
    )


def _probe(probes: Probes | None, log: MetricsLog | None, training: Training, step: int) -> None:
    """Measure if it is time to; the other processes wait for the main one."""
    if probes is None or not probes.due(step):
        return
    if log is not None:
        log.write_probe(probes.measure(step))
    training.accelerator.wait_for_everyone()


def _training(accelerator: Accelerator, model: ST4VLA, processor: Processor, recipe: Recipe) -> Training:
    """The model as it is trained, with its optimizer."""
    freeze_untrained(model, recipe)
    if recipe.gradient_checkpointing:
        model.planner.network.gradient_checkpointing_enable()
    if recipe.compile:
        compile_blocks(model)
    torch.manual_seed(recipe.seed + accelerator.process_index)
    wrapped, optimizer = accelerator.prepare(model.train(), adamw(model, recipe.optimizer))
    average = None if recipe.ema is None else WeightAverage(wrapped, recipe.ema)
    return Training(accelerator, model, wrapped, processor, optimizer, average)


def _mean(losses: Sequence[float | None]) -> float | None:
    present = [loss for loss in losses if loss is not None]
    return sum(present) / len(present) if present else None


def _weighted(loss: float | None, stream: GroundingRecipe | ActionRecipe | None) -> float:
    return 0.0 if loss is None or stream is None else stream.weight * loss


def weighted_sum(losses: Losses, recipe: Recipe) -> Tensor:
    """The loss that is minimized."""
    parts = []
    if recipe.grounding is not None and losses.grounding is not None:
        parts.append(recipe.grounding.weight * losses.grounding)
    if recipe.action is not None and losses.action is not None:
        parts.append(recipe.action.weight * losses.action)
    return torch.stack(parts).sum()


def _accelerator(recipe: Recipe) -> Accelerator:
    if recipe.threads is not None:
        torch.set_num_threads(recipe.threads)
    bf16 = recipe.precision == "bf16" or (recipe.precision == "auto" and torch.cuda.is_available())
    return Accelerator(mixed_precision="bf16" if bf16 else "no", gradient_accumulation_steps=recipe.accumulate)


def _prepare(
    model: ST4VLA, processor: Processor, sources: Sequence[OpenedSource], recipe: Recipe, resume: bool
) -> Processor:
    """The processor for this stage; the model's configuration takes over the stage's spatial prompt."""
    if recipe.action is None or resume:
        return processor
    data = [source for _, source in action_sources(sources)]
    for source in data:
        check_actions(source, processor.observation, model.config.action)
    observation = processor.observation.model_copy(update={"prompt": recipe.action.prompt})
    model.config = model.config.model_copy(update={"observation": observation})
    statistics = _statistics(processor, data, recipe.action)
    check_reach(statistics.mode, model.config.denoising)
    return replace(processor, observation=observation, statistics=statistics)


def _statistics(processor: Processor, data: Sequence[ActionData], recipe: ActionRecipe) -> ActionStatistics:
    """The checkpoint's, or those of the data, whose mode must be the one that the checkpoint's expert has learned."""
    if recipe.statistics == "keep":
        return processor.fitted
    before = processor.statistics
    if before is not None and before.mode != recipe.statistics:
        raise ActionSpecMismatch(
            f"the checkpoint's actions are normalized by {before.mode}, action.statistics is {recipe.statistics}: "
            "change it, or start from a checkpoint without actions"
        )
    return action_statistics(data, recipe.statistics, failures=recipe.failures)


def _check_new(out: Path) -> None:
    """Raise InvalidConfig if `out` holds a run; one that stopped before its first step may begin again."""
    if read_metrics(out / METRICS):
        raise InvalidConfig(f"{out} already holds a run: go on with --resume, or choose another --out")


def _batches(
    recipe: Recipe,
    sources: Sequence[OpenedSource],
    processor: Processor,
    model: ST4VLA,
    first: int,
    accelerator: Accelerator,
    damage: DamageLog,
) -> Batches:
    """The batches on the training device, `accumulate` for each step, from step `first` (counted from 0) on."""
    grounding: Iterator[DrawnBatch] = repeat(DrawnBatch(None))
    action: Iterator[DrawnBatch] = repeat(DrawnBatch(None))
    if recipe.grounding is not None:
        questions = question_stream(
            question_sources(sources),
            processor,
            seed=recipe.seed,
            per_picture=recipe.grounding.questions,
            kinds=recipe.grounding.kinds,
        )
        collate = partial(processor.grounding_batch, row_tokens=recipe.grounding.row_tokens)
        loader = _loader(questions, recipe, recipe.grounding.pictures, first, collate, accelerator)
        grounding = iter(loader)
    if recipe.action is not None:
        settings, spec = recipe.action, model.config.action
        data = action_sources(sources)
        moments = action_stream(data, processor, spec, seed=recipe.seed, failures=settings.failures)
        action = iter(_loader(moments, recipe, recipe.action.samples, first, processor.action_batch, accelerator))
    for drawn in zip(grounding, action, strict=False):
        for part in drawn:
            damage.add_all(part.damage)
        questions_batch, action_batch = (part.batch for part in drawn)
        device = accelerator.device
        yield (
            None if questions_batch is None else questions_batch.to(device, non_blocking=True),
            None if action_batch is None else action_batch.to(device, non_blocking=True),
        )


def _loader(
    stream: Dataset[Any],
    recipe: Recipe,
    per_batch: int,
    first: int,
    collate: Callable[[list[Any]], Any],
    accelerator: Accelerator,
) -> DataLoader[Any]:
    start, stop = first * recipe.accumulate, recipe.steps * recipe.accumulate
    order = StepSampler(start, stop, per_batch, accelerator.process_index, accelerator.num_processes)
    return DataLoader(
        Replacing(stream),
        batch_sampler=order,
        collate_fn=CollateDrawn(collate),
        num_workers=recipe.workers,
        # Its own generator, so that making a loader takes nothing from the one that dropout and noise come from.
        generator=torch.Generator(),
        pin_memory=accelerator.device.type == "cuda",
        # Forked workers would inherit torch's thread pool and the shard reader's open files.
        multiprocessing_context="spawn" if recipe.workers else None,
    )
