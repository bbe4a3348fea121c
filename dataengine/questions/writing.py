"""All questions about one picture."""

from __future__ import annotations

import numpy as np

from dataengine.questions.affordance import write_affordances
from dataengine.questions.config import QuestionConfig
from dataengine.questions.context import QuestionContext
from dataengine.questions.count import write_counts
from dataengine.questions.located import write_boxes, write_points
from dataengine.questions.region import write_regions
from dataengine.questions.relation import write_relations
from dataengine.questions.sight import Sight
from dataengine.questions.trace import write_traces
from dataengine.samples import GroundingSample


def write_questions(
    context: QuestionContext, rng: np.random.Generator, config: QuestionConfig
) -> list[GroundingSample]:
    """Questions of every kind that this picture can answer, at most as many of each as configured, none asked twice.

    Every expression in a question names exactly one of the bodies that have any pixel in the picture, and every body
    asked for is seen well enough.
    """
    sight = Sight(context, config, rng)
    samples = [
        *write_boxes(sight, config.box),
        *write_points(sight, config.point),
        *write_traces(sight, config.trace),
        *write_affordances(sight, config.affordance),
        *write_regions(sight, config.region),
        *write_relations(sight, config.relation),
        *write_counts(sight, config.count),
    ]
    return list({(sample.kind, sample.question): sample for sample in samples}.values())
