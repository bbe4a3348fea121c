"""What the checks of a run hand back."""

from __future__ import annotations

from abc import ABC, abstractmethod

from assets_index.schema import Schema


class Report(Schema, ABC):
    """What a check of a run found."""

    @property
    @abstractmethod
    def passed(self) -> bool:
        """Whether all is well."""

    @abstractmethod
    def lines(self) -> list[str]:
        """What was found, for a person."""

    def summary(self) -> str:
        """The same with the verdict at its end."""
        return "\n".join([*self.lines(), "passed" if self.passed else "FAILED"])
