"""The paper's prompt for attribute-based instruction rewriting (ST4VLA, D.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

TASK_AND_RULES = """\
Task Overview. The task is to optimize an existing instruction for a robot model to enhance attribute-specific \
grounding.

Input:
- Pick obj description: Object description obtained from simulation (e.g., red apple).
- Container description: Container description obtained from simulation.
- Raw Instruction: Original instruction (e.g., Move obj1 to the top of container).
- Rewrite guideline: Focus on materials, color, or shape.

Rules:
1. There are many items on the desktop. Ensure the rewritten instruction is specific enough to unambiguously identify \
the target object and container.
2. If the attributes mentioned in the original instruction (such as shape, color, or material) are not sufficient \
to uniquely identify the object, add extra features (e.g., relative position, size, or additional visual properties) \
to remove ambiguity.
3. Do not mention the object's common name (e.g., do not say "apple" or "cup").
4. The rewritten instruction must sound natural and fluent while preserving the original meaning.

Output:
- Provide 5 examples of optimized instructions in JSON format (a list of strings).
- Keep all examples simple, clear, and easy to understand.

Example:
input: Place the apple to the top of plate.
output: [
  "Put the red sphere on top of the round white plate.",
  "Stack the small red object onto the large white plate.",
  "Set the red fruit on the circular plate.",
  "Position the shiny red sphere on top of the white ceramic plate.",
  "Move the red object closest to the center onto the round plate."
]
"""


class RewriteInput(NamedTuple):
    """What the prompt says of one task.

    Attributes:
        target, container: descriptions with every attribute that is known.
        others: descriptions of everything else on the table. The paper's prompt says only that there are many; naming
            them lets the model see which attributes are not enough.
    """

    target: str
    container: str
    instruction: str
    others: Sequence[str]


def rewriting_prompt(task: RewriteInput) -> str:
    """The prompt with the task's input at its end."""
    return (
        f"{TASK_AND_RULES}\n"
        f"Pick obj description: {task.target}\n"
        f"Container description: {task.container}\n"
        f"Raw Instruction: {task.instruction}\n"
        "Rewrite guideline: Focus on materials, color, or shape.\n"
        f"Other items on the desktop: {'; '.join(task.others) or 'none'}\n"
        "output:"
    )
