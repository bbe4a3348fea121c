"""How questions are worded. `{it}` is the expression that names the thing asked for, with its article."""

from __future__ import annotations

from collections.abc import Mapping

Wordings = tuple[str, ...]

BOX: Wordings = (
    "Locate {it} with a bounding box.",
    "Give the bounding box of {it}.",
    "Draw a box around {it}.",
    "Where is {it}? Give its bounding box.",
    "Outline {it} with a box.",
    "Find {it} and return the bounding box.",
)

POINT: Wordings = (
    "Point to {it}.",
    "Give a point on {it}.",
    "Mark a point that lies on {it}.",
    "Where is {it}? Point to it.",
    "Find {it} and point to it.",
)

VISIBLE_BOX: Wordings = (
    "Draw a box around what can be seen of {it}.",
    "Give the bounding box of the visible part of {it}.",
    "{it} is partly hidden. Give the bounding box of the part that can be seen.",
)

WHOLE_BOX: Wordings = (
    "Draw a box around the whole of {it}, hidden parts included.",
    "{it} is partly hidden. Give the bounding box of all of it.",
    "Give the bounding box that {it} would have if nothing stood before it.",
)

GRIPPER_TRACE: Mapping[str, Wordings] = {
    "grasp": (
        "The robot is about to grasp {it}. Trace the path of {gripper} up to the grasp.",
        "Predict the path of {gripper} until it grasps {it}.",
        'The task is "{instruction}". Trace the path of {gripper} up to the grasp.',
    ),
    "place": (
        "The robot is holding {it}. Trace the path of {gripper} until it lets go.",
        'The task is "{instruction}". Predict the path of {gripper} from here until it lets go.',
        "Trace the path of {gripper} until it has released {it}.",
    ),
    "reach": (
        "The robot is about to touch {it}. Trace the path of {gripper} up to there.",
        'The task is "{instruction}". Trace the path of {gripper} until it meets {it}.',
        'The task is "{instruction}". Trace the path of {gripper} up to where it will push or pull.',
    ),
    "move": (
        "The robot is moving a part of {it}. Trace the path of {gripper} until that is done.",
        'The task is "{instruction}". Predict the path of {gripper} from here until it stops.',
    ),
    "retreat": (
        "The robot is moving back. Trace the path of {gripper}.",
        "Predict the path of {gripper} as it moves away.",
    ),
}

OBJECT_TRACE: Wordings = (
    "Trace the path that {it} takes until it is released.",
    'The task is "{instruction}". Trace the path of {it} until it is released.',
    "Where will {gripper} carry {it}? Trace its path.",
)

HIDDEN_STRETCH = "Something hides {stretch}."
"""Follows the question for a path of which a part is hidden."""

GRASP_POINT: Wordings = (
    "Where should {gripper} grasp {it}?",
    "Point to the place where {gripper} should grasp {it}.",
    "Give the point at which {it} should be grasped.",
)

VISIBLE_CONTACTS: Wordings = (
    "Mark the two places where the fingers should touch {it} to pick it up.",
    "Point to both contact points for grasping {it}.",
)

HIDDEN_CONTACTS: Wordings = (
    "Mark the two places where the fingers should touch {it} to pick it up, even where they are hidden.",
    "Point to both contact points for grasping {it}, hidden ones too.",
)

FREE_TABLE: Wordings = (
    "Where on the table is there room for {it}?",
    "Point to free places on the table where {it} could be put.",
    "Mark places on the table where {it} would fit.",
)

DIRECTED_TABLE: Wordings = (
    "Where on the table could {it} be put so that it is {relation}?",
    "Mark free places on the table {relation} where {it} would fit.",
    "Point to places for {it} on the table {relation}.",
)

CONTAINER_PLACE: Wordings = (
    "Where {relation} could {it} be put?",
    "Mark places {relation} where {it} would fit.",
    "Point to free places {relation} for {it}.",
)

YES_OR_NO: Wordings = (
    "Is {it} {relation}? Answer yes or no.",
    "Is {it} {relation}?",
    "Yes or no: {it} is {relation}.",
)

WHICH_OF_TWO: Mapping[str, Wordings] = {
    "left_of": (
        "Which is farther to the left, {first} or {second}?",
        "Which of the two is on the left: {first} or {second}?",
    ),
    "right_of": (
        "Which is farther to the right, {first} or {second}?",
        "Which of the two is on the right: {first} or {second}?",
    ),
    "in_front_of": ("Which is in front, {first} or {second}?",),
    "behind": ("Which is farther back, {first} or {second}?",),
}

WHICH_IS_THERE: Wordings = (
    "What is {relation}?",
    "Which object is {relation}?",
)

COUNT: Wordings = (
    "How many {things} can be seen?",
    "How many {things} are in the picture?",
    "Count the {things} that can be seen.",
)

COUNT_ON_TABLE: Wordings = (
    "How many {things} can be seen on the table?",
    "Count the {things} on the table that can be seen.",
)
"""For things of any kind: the table itself, or what stands beside it, may be of the same colour."""
