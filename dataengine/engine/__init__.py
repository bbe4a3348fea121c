"""From a task to a verified record, or to the reason why there is none."""

from dataengine.engine.attempt import attempt
from dataengine.engine.config import EngineConfig
from dataengine.engine.start import MakeTask

__all__ = ["EngineConfig", "MakeTask", "attempt"]
