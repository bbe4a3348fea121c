"""What of a joint's range planning uses, and how many solutions it asks for."""

LIMIT_MARGIN = 0.03
"""Distance kept from the joint limits, rad."""

MOST = 6
"""Solutions returned at most."""

EXACT = 1e-4
"""Greatest error of a solution, metres and rad; near singularities closed forms are off by more."""
