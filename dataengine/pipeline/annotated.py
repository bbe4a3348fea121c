"""All that is known of the pictures of one moment, as it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dataengine.pipeline.config import RunConfig
from dataengine.questions.context import QuestionContext
from dataengine.questions.free_space import free_space
from dataengine.questions.guide import guide_of
from dataengine.samples import GroundingSample
from dataengine.storage.clip import Moment
from dataengine.storage.frames import Layer
from renderers.normals import surface_normals


def annotated_moment(
    step: int, contexts: Mapping[str, QuestionContext], questions: Sequence[GroundingSample], config: RunConfig
) -> Moment:
    """The moment with its annotations; depth, normals and free space as far as the configuration keeps them.

    Args:
        step: control step.
        contexts: by camera name, with frames that have depth and ids.
        questions: about these pictures.
        config: of the run.
    """
    keep_depth, trace_points = config.render.keep_depth, config.questions.trace_points
    frames = {name: context.frame for name, context in contexts.items()}
    return Moment(
        step=step,
        frames=frames if keep_depth else {name: replace(frame, depth=None) for name, frame in frames.items()},
        bodies={name: context.annotation.bodies for name, context in contexts.items()},
        questions=questions,
        guides={name: guide_of(context, trace_points) for name, context in contexts.items()},
        layers={name: _layers(context, config) for name, context in contexts.items()},
    )


def _layers(context: QuestionContext, config: RunConfig) -> dict[Layer, NDArray[np.generic]]:
    layers: dict[Layer, NDArray[np.generic]] = {}
    if config.render.keep_normals:
        layers["normals"] = surface_normals(context.frame)
    if config.render.keep_free_space:
        layers["free_space"] = free_space(context, config.questions.clearance)
    return layers
