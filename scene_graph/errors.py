"""What can be wrong with a scene graph."""

from __future__ import annotations

from assets_index.errors import EngineError


class InvalidSceneGraph(EngineError):
    """A graph that names unknown nodes, or contradicts itself in its form."""


class UnsatisfiableLayout(EngineError):
    """No layout satisfies the graph: proved, or none was found in many searches.

    Attributes:
        conflict: phrases of a small set of relations (and regions) that cannot hold together.
        searches: how often a layout of these alone was searched for in vain; 0 where it is proved that there is none.
    """

    def __init__(self, conflict: tuple[str, ...], searches: int = 0) -> None:
        self.conflict, self.searches = conflict, searches
        claim = f"no layout found in {searches} searches" if searches else "no layout exists (proved)"
        super().__init__(f"{claim} for: {'; '.join(conflict)}")

    @property
    def proved(self) -> bool:
        """Whether it is certain that there is no layout."""
        return self.searches == 0


class ContradictoryGoal(EngineError):
    """A goal that nothing can reach.

    Attributes:
        conflict: phrases of relations in one of its alternatives that cannot hold together.
    """

    def __init__(self, goal: str, conflict: tuple[str, ...]) -> None:
        self.conflict = conflict
        super().__init__(f"{goal} contradicts itself: {'; '.join(conflict)}")


class LayoutExhausted(EngineError):
    """No layout was found although no relations conflict: the scene is too crowded for the search's limits."""


class InfeasibleLayout(EngineError):
    """Layouts were found, but none that leaves possible what is to be done in it."""


class ImpossibleTask(EngineError):
    """The assets that pass a task configuration's filters do not make a task."""


class AmbiguousReference(EngineError):
    """No expression of the kinds asked for picks exactly one object."""
