"""What is trained, in which groups, and at which rate in each step."""

from __future__ import annotations

import math

from torch import nn
from torch.optim import AdamW, Optimizer

from assets_index.errors import InvalidConfig
from trainer.model.st4vla import ST4VLA
from trainer.train.recipe import OptimizerRecipe, Recipe


def freeze_untrained(model: ST4VLA, recipe: Recipe) -> None:
    """Freeze what the recipe says, and what its losses do not reach: the action side, or what only answers need.

    Raises:
        InvalidConfig: if a path of `recipe.freeze` is no module.
    """
    for path in recipe.freeze:
        try:
            model.get_submodule(path).requires_grad_(False)
        except AttributeError as error:
            raise InvalidConfig(f"freeze: the model has no module {path!r} ({error})") from error
    if recipe.action is None:
        for part in (model.encoder, model.encoder_projection, model.querying_transformer, model.action_expert):
            part.requires_grad_(False)
    elif recipe.grounding is None:
        for part in model.planner.only_answering(model.config.querying_transformer.layers):
            part.requires_grad_(False)


def adamw(model: ST4VLA, recipe: OptimizerRecipe) -> AdamW:
    """AdamW with a group each for the planner, the action expert and the rest; `peak` is the group's highest rate."""
    rates = {"planner": recipe.planner, "action_expert": recipe.action_expert, "rest": recipe.rest}
    groups: dict[str, list[nn.Parameter]] = {name: [] for name in rates}
    for name, parameter in model.named_parameters():
        part = name.split(".")[0]
        if parameter.requires_grad:
            groups[part if part in groups else "rest"].append(parameter)
    return AdamW(
        [
            {"params": groups[name], "lr": rate, "peak": rate, "name": name}
            for name, rate in rates.items()
            if groups[name]
        ],
        betas=recipe.betas,
        weight_decay=recipe.weight_decay,
        fused=True,  # without it a GPU needs room for the weights once more
    )


def rate_factor(step: int, steps: int, recipe: OptimizerRecipe) -> float:
    """Learning rate of a step over its peak: linear warm-up, then a cosine down to `final_rate`."""
    if step < recipe.warmup:
        return (step + 1) / recipe.warmup
    progress = (step - recipe.warmup) / max(1, steps - recipe.warmup)
    return recipe.final_rate + (1 - recipe.final_rate) * 0.5 * (1 + math.cos(math.pi * progress))


def set_rates(optimizer: Optimizer, factor: float) -> None:
    """Give every group its peak rate times `factor`."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * factor
