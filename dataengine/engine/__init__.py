"""From a task to a verified record, or to the reason why there is none."""

from dataengine.engine.attempt import MakeTask, attempt
from dataengine.engine.config import EngineConfig

__all__ = ["EngineConfig", "MakeTask", "attempt"]
