"""Measuring a real camera from pictures of a ChArUco or ArUco board: its lens, and where the board is.

Zhang, A flexible new technique for camera calibration (2000), as implemented by OpenCV; the markers are those of
Garrido-Jurado et al. (2014). Corners are found to sub-pixel accuracy, and pictures may show parts of the board.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from assets_index.errors import EngineError
from assets_index.schema import Schema
from assets_index.transforms import Array, Pose, inverse
from renderers.camera import Intrinsics

FEWEST_CORNERS = 8
"""Corners that a picture must show to count."""

FEWEST_PICTURES = 5


class CalibrationFailed(EngineError):
    """The pictures do not determine a camera."""


BoardKind = Literal["charuco", "aruco"]


class BoardSpec(Schema):
    """A board of markers.

    Attributes:
        kind: a chessboard with markers in its white squares, or markers alone, whose corners are found less exactly.
        columns, rows: squares; of an ArUco board, markers.
        square: edge of a square, metres; of an ArUco board, from a marker's edge to the same edge of the next.
        marker: edge of a marker, metres.
        dictionary: OpenCV's name of the marker dictionary.
    """

    kind: BoardKind = "charuco"
    columns: int = Field(default=8, ge=3)
    rows: int = Field(default=6, ge=3)
    square: float = Field(default=0.03, gt=0.0)
    marker: float = Field(default=0.022, gt=0.0)
    dictionary: str = "DICT_4X4_50"

    @property
    def size(self) -> tuple[float, float]:
        """Width and height, metres."""
        gap = self.square - self.marker if self.kind == "aruco" else 0.0
        return self.columns * self.square - gap, self.rows * self.square - gap

    def board(self) -> cv2.aruco.Board:
        """The board as OpenCV knows it.

        Raises:
            CalibrationFailed: if OpenCV has no such dictionary, or it has too few markers.
        """
        number = getattr(cv2.aruco, self.dictionary, None)
        if number is None or not self.dictionary.startswith("DICT_"):
            raise CalibrationFailed(f"OpenCV has no marker dictionary {self.dictionary!r}; try DICT_4X4_50")
        if self.marker >= self.square:
            raise CalibrationFailed(f"markers of {self.marker:g} m do not fit squares of {self.square:g} m")
        dictionary = cv2.aruco.getPredefinedDictionary(number)
        squares, held = self.columns * self.rows, len(dictionary.bytesList)
        needed = squares if self.kind == "aruco" else squares // 2
        if needed > held:
            raise CalibrationFailed(f"{self.dictionary} has {held} markers, the board needs {needed}")
        counts = (self.columns, self.rows)
        if self.kind == "aruco":
            return cv2.aruco.GridBoard(counts, self.marker, self.square - self.marker, dictionary)
        return cv2.aruco.CharucoBoard(counts, self.square, self.marker, dictionary)

    def picture(self, pixels_per_square: int) -> NDArray[np.uint8]:
        """The board to be printed, (H, W) uint8, without a margin."""
        width, height = (round(edge / self.square * pixels_per_square) for edge in self.size)
        return np.asarray(self.board().generateImage((width, height)))


@dataclass(frozen=True)
class Sighting:
    """The board in one picture: its corners in pixels (N, 2), pixel centres at + 0.5, and on it (N, 3), metres."""

    name: str
    pixels: Array
    places: Array


@dataclass(frozen=True)
class Calibration:
    """A camera as it was measured.

    Attributes:
        error: root mean square of the distances between corners and their projections, pixels.
        camera_board: T_camera_board (4, 4) by picture.
        unused: pictures in which too little of the board was found.
    """

    intrinsics: Intrinsics
    error: float
    camera_board: dict[str, Array]
    unused: tuple[str, ...]

    def world_camera(self, name: str, world_board: Array) -> Pose:
        """Where the camera is in the world, if the board was at `world_board` (4, 4) in the picture of that name.

        Raises:
            CalibrationFailed: if that picture was not used.
        """
        if name not in self.camera_board:
            raise CalibrationFailed(f"{name}: too little of the board was found in it to say where the camera is")
        return Pose.from_matrix(world_board @ inverse(self.camera_board[name]))


def calibrate(paths: Sequence[Path], board: BoardSpec, *, distortion: bool = True) -> Calibration:
    """Measure a camera.

    Args:
        paths: pictures of the board, all of one size and taken by one camera, from unlike directions.
        board: what the pictures show.
        distortion: whether the lens may have any.

    Raises:
        CalibrationFailed: if a picture cannot be read or has another size, or too few show enough of the board.
    """
    find_corners = corner_finder(board)
    sightings, unused, size = [], [], None
    for path in paths:
        gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if gray is None:
            raise CalibrationFailed(f"{path}: cannot be read as a picture")
        if size not in (None, gray.shape[::-1]):
            raise CalibrationFailed(
                f"{path}: has {gray.shape[1]} x {gray.shape[0]} pixels, others {size[0]} x {size[1]}"
            )
        size = gray.shape[::-1]
        seen = Sighting(path.name, *find_corners(gray))
        if len(seen.pixels) >= FEWEST_CORNERS:
            sightings.append(seen)
        else:
            unused.append(path.name)
    if len(sightings) < FEWEST_PICTURES or size is None:
        raise CalibrationFailed(
            f"the board was found in {len(sightings)} of {len(paths)} pictures; at least {FEWEST_PICTURES} must show "
            f"{FEWEST_CORNERS} of its corners: check columns, rows and dictionary"
        )
    return _solve(sightings, tuple(unused), size, distortion)


def corner_finder(spec: BoardSpec) -> Callable[[NDArray[np.uint8]], tuple[Array, Array]]:
    """What finds a board's corners in a picture (H, W): `pixels` and `places` of a `Sighting`, empty without a board.

    Raises:
        CalibrationFailed: if there can be no such board.
    """
    board = spec.board()
    if spec.kind == "charuco":
        assert isinstance(board, cv2.aruco.CharucoBoard)
        chessboard = cv2.aruco.CharucoDetector(board)

        def find(gray: NDArray[np.uint8]) -> tuple[Any, Any]:
            return chessboard.detectBoard(gray)[:2]
    else:
        parameters = cv2.aruco.DetectorParameters()
        # Lines through a marker's outline; searching for its corners themselves, as in a chessboard, is biased.
        parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_CONTOUR
        markers = cv2.aruco.ArucoDetector(board.getDictionary(), parameters)

        def find(gray: NDArray[np.uint8]) -> tuple[Any, Any]:
            return markers.detectMarkers(gray)[:2]

    def located(gray: NDArray[np.uint8]) -> tuple[Array, Array]:
        corners, ids = find(gray)
        if ids is None or len(ids) == 0:
            return np.zeros((0, 2)), np.zeros((0, 3))
        places, pixels = board.matchImagePoints(corners, ids)
        # OpenCV's pixel centres are integers.
        return pixels.reshape(-1, 2).astype(float) + 0.5, places.reshape(-1, 3).astype(float)

    return located


def _solve(
    sightings: Sequence[Sighting], unused: tuple[str, ...], size: tuple[int, int], distortion: bool
) -> Calibration:
    fixed = cv2.CALIB_ZERO_TANGENT_DIST | cv2.CALIB_FIX_K1 | cv2.CALIB_FIX_K2 | cv2.CALIB_FIX_K3
    error, K, coefficients, rotations, translations = cv2.calibrateCamera(
        [seen.places.astype(np.float32) for seen in sightings],
        [seen.pixels.astype(np.float32) for seen in sightings],
        size,
        np.eye(3),
        np.zeros(5),
        flags=0 if distortion else fixed,
    )
    (fx, _, cx), (_, fy, cy), _ = K.tolist()
    k1, k2, p1, p2, k3 = coefficients.ravel()[:5].tolist()
    lens = (k1, k2, p1, p2, k3)
    return Calibration(
        intrinsics=Intrinsics(width=size[0], height=size[1], fx=fx, fy=fy, cx=cx, cy=cy, distortion=lens),
        error=float(error),
        camera_board={
            seen.name: _rigid(rotation, translation)
            for seen, rotation, translation in zip(sightings, rotations, translations, strict=True)
        },
        unused=unused,
    )


def _rigid(rotation: Array, translation: Array) -> Array:
    pose = np.eye(4)
    pose[:3, :3] = cv2.Rodrigues(rotation)[0]
    pose[:3, 3] = translation.ravel()
    return pose
