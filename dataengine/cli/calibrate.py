"""`dataengine calibrate`: a real camera from pictures of a printed board."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import typer
import yaml

from assets_index.errors import InvalidConfig
from assets_index.files import write_text_whole

BOARD = "The board"
POSE = "Where the camera is"


def calibrate_camera(
    images: Annotated[list[Path] | None, typer.Argument(help="Pictures of the board, ten or more.")] = None,
    out: Annotated[Path, typer.Option(help="Camera file to write.")] = Path("camera.yaml"),
    name: Annotated[str, typer.Option(help="The camera's name in frames and shards.")] = "front",
    distortion: Annotated[bool, typer.Option(help="Whether the lens may have distortion.")] = True,
    kind: Annotated[
        Literal["charuco", "aruco"],
        typer.Option("--board", help="A chessboard with markers, or markers alone.", rich_help_panel=BOARD),
    ] = "charuco",
    columns: Annotated[int, typer.Option(min=3, help="Squares, or markers.", rich_help_panel=BOARD)] = 8,
    rows: Annotated[int, typer.Option(min=3, help="Squares, or markers.", rich_help_panel=BOARD)] = 6,
    square: Annotated[
        float, typer.Option(help="Edge of a square, or from marker to marker, metres.", rich_help_panel=BOARD)
    ] = 0.03,
    marker: Annotated[float, typer.Option(help="Edge of a marker, metres.", rich_help_panel=BOARD)] = 0.022,
    dictionary: Annotated[str, typer.Option(help="OpenCV's marker dictionary.", rich_help_panel=BOARD)] = "DICT_4X4_50",
    write_board: Annotated[Path | None, typer.Option(help="Write the board to print.", rich_help_panel=BOARD)] = None,
    pose_from: Annotated[
        str | None, typer.Option(help="Picture in which the board lies on the table.", rich_help_panel=POSE)
    ] = None,
    board_x: Annotated[float, typer.Option(help="Of its top left corner, metres.", rich_help_panel=POSE)] = 0.5,
    board_y: Annotated[float, typer.Option(help="Of its top left corner, metres.", rich_help_panel=POSE)] = 0.0,
    board_yaw: Annotated[
        float, typer.Option(help="Of its upper edge from the robot's x axis, degrees.", rich_help_panel=POSE)
    ] = 0.0,
) -> None:
    """Measure a real camera from pictures of a ChArUco or ArUco board, and write the camera file that renderers take.

    Print the board (--write-board board.png), glue it to something flat, take ten or more pictures from unlike
    directions that fill the view, and name them here. With the board on the table at a known place in one of them
    (--pose-from), the file says where the camera is too. A run takes it as: render: {cameras: [{file: camera.yaml}]}.
    """
    import cv2

    from assets_index.transforms import Pose, rotation_z
    from renderers.calibration import BoardSpec, calibrate
    from renderers.camera import CameraSpec

    board = BoardSpec(kind=kind, columns=columns, rows=rows, square=square, marker=marker, dictionary=dictionary)
    if write_board is not None:
        if not cv2.imwrite(str(write_board), board.picture(200)):
            raise InvalidConfig(f"{write_board}: cannot be written as a picture")
        width, height = board.size
        typer.echo(f"{write_board}: print it {1e3 * width:g} mm wide and {1e3 * height:g} mm high")
    if not images:
        if write_board is None:
            raise InvalidConfig("name some pictures of the board, or write one to print with --write-board")
        return
    found = calibrate(images, board, distortion=distortion)
    pose = Pose()
    if pose_from is not None:
        world_board = np.eye(4)
        # The board's z axis points into it, its y axis downwards in its picture.
        world_board[:3, :3] = rotation_z(np.radians(board_yaw)) @ np.diag([1.0, -1.0, -1.0])
        world_board[:2, 3] = board_x, board_y
        pose = found.world_camera(Path(pose_from).name, world_board)
    spec = CameraSpec(name=name, mount="world", pose=pose, intrinsics=found.intrinsics)
    write_text_whole(out, yaml.safe_dump(spec.model_dump(mode="json"), sort_keys=False))
    lens = found.intrinsics
    typer.echo(f"{len(found.camera_board)} of {len(images)} pictures used; corners are met to {found.error:.2f} pixels")
    typer.echo(f"fx {lens.fx:.1f}  fy {lens.fy:.1f}  cx {lens.cx:.1f}  cy {lens.cy:.1f}: {out}")
    if pose_from is None:
        typer.echo("Its pose is not known: edit it in the file, or calibrate with --pose-from.")
