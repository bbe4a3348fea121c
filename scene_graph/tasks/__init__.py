"""Tasks as data: a YAML file says which things there are, where, what is done with them, and how it is said."""

from scene_graph.tasks.reading import builtin_tasks, read_task, with_extended
from scene_graph.tasks.synthesis import synthesize
from scene_graph.tasks.task_file import TaskFile

__all__ = ["TaskFile", "builtin_tasks", "read_task", "synthesize", "with_extended"]
