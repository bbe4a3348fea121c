"""The spatial prompts of the paper's C.5, verbatim."""

from __future__ import annotations

from typing import Literal

SpatialPrompt = Literal["unified", "padding", "box", "point", "trace", "none"]

_UNIFIED = "Figure out how to execute it, then locate the key object needed."

SPATIAL_PROMPTS: dict[SpatialPrompt, str] = {
    "unified": _UNIFIED,
    "padding": "xxx, xxx, xxx, xxx, xxx, xxx",
    "box": f"{_UNIFIED} Give the box coordinates according to the instruction",
    "point": f"{_UNIFIED} Your answer should be formatted as a list of tuples",
    "trace": f"{_UNIFIED} Based on the task description predict the trajectory that the end effector should take",
    "none": "",
}


def spatially_prompted(instruction: str, prompt: SpatialPrompt) -> str:
    """The instruction followed by the spatial prompt, as the planner reads it."""
    return f"{instruction} {SPATIAL_PROMPTS[prompt]}".strip()
