"""Reading USD back: poses by a library that is not Pixar's, and what Pixar's own validators say."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import tinyusdz
from pxr import Usd, UsdValidation

from assets_index.transforms import Array, Pose


def validation_errors(file: Path) -> list[str]:
    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    assert len(validators) > 20
    found = UsdValidation.ValidationContext(validators).Validate(Usd.Stage.Open(str(file)))
    return [error.GetErrorAsString() for error in found]


def sampled_poses(file: Path, prim: str) -> dict[float, Array]:
    """Matrices (4, 4) of a prim by time code, read without Pixar's library."""
    read = tinyusdz.load(str(file)).get_prim_at_path(prim)
    positions, orientations = (read.get_attribute_timesamples(f"xformOp:{op}") for op in ("translate", "orient"))
    assert [time for time, _ in positions] == [time for time, _ in orientations]
    return {
        time: Pose(
            position=ast.literal_eval(position.to_string()), quaternion=ast.literal_eval(orientation.to_string())
        ).matrix
        for (time, position), (_, orientation) in zip(positions, orientations, strict=True)
    }


def assert_moves_as(file: Path, prim: str, truth: list[Array], offset: int = 0) -> None:
    """Time code t shows pose t + `offset`; only 0 is right."""
    read = sampled_poses(file, prim)
    assert list(read) == list(range(len(truth)))
    for time in range(len(truth) - offset):
        np.testing.assert_allclose(read[time], truth[time + offset], atol=1e-9)
