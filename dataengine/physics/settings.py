"""What may be chosen about physics."""

from __future__ import annotations

from pydantic import Field, model_validator

from assets_index.schema import Schema


class PhysicsSettings(Schema):
    """Time steps of the one control path that execution, replay and policies share.

    Attributes:
        timestep: of the integrator, s; grasps hold up to 2.5 ms.
        rate: control steps a second; actions and records have this rate.
        interpolation: period in which the arm's target is moved on between two commands, s.
        gripper_stroke: time from fully open to fully closed, s.
    """

    timestep: float = Field(default=0.0025, gt=0.0, le=0.004)
    rate: float = Field(default=20.0, gt=0.0)
    interpolation: float = 0.01
    gripper_stroke: float = Field(default=0.4, gt=0.0)

    @model_validator(mode="after")
    def _whole_multiples(self) -> PhysicsSettings:
        if not (_is_whole(self.interpolation / self.timestep) and _is_whole(1 / self.rate / self.interpolation)):
            raise ValueError("1 / rate must be a multiple of interpolation, and that of timestep")
        return self

    @property
    def substeps(self) -> int:
        """Integrator steps in one interpolation period."""
        return round(self.interpolation / self.timestep)

    @property
    def periods(self) -> int:
        """Interpolation periods in one control step."""
        return round(1 / self.rate / self.interpolation)


def _is_whole(ratio: float) -> bool:
    return abs(ratio - round(ratio)) < 1e-9 and round(ratio) >= 1
