"""What may be chosen about physics, and what may not."""

from __future__ import annotations

from pydantic import Field, model_validator

from assets_index.schema import Schema

INTERPOLATION = 0.01
"""Period in which the arm's target is moved on between two commands, s."""

GRIPPER_STROKE = 0.4
"""Time of the jaw from fully open to fully closed, s."""


class PhysicsSettings(Schema):
    """Time steps of the one control path that execution, replay and policies share.

    Attributes:
        timestep: of the integrator, s; a whole fraction of `INTERPOLATION`. Grasps hold up to 2.5 ms.
        rate: control steps a second; actions and records have this rate.
    """

    timestep: float = Field(default=0.0025, gt=0.0, le=0.0025)
    rate: float = Field(default=20.0, gt=0.0)

    @model_validator(mode="after")
    def _whole_multiples(self) -> PhysicsSettings:
        if not (_is_whole(INTERPOLATION / self.timestep) and _is_whole(1 / self.rate / INTERPOLATION)):
            raise ValueError(f"1 / rate must be a multiple of {INTERPOLATION} s, and that of timestep")
        return self

    @property
    def substeps(self) -> int:
        """Integrator steps in one interpolation period."""
        return round(INTERPOLATION / self.timestep)

    @property
    def periods(self) -> int:
        """Interpolation periods in one control step."""
        return round(1 / self.rate / INTERPOLATION)


def _is_whole(ratio: float) -> bool:
    return abs(ratio - round(ratio)) < 1e-9 and round(ratio) >= 1
