"""Small shards of drawn rectangles, made without simulator or renderer.

Every picture shows a coloured block and a grey bowl; the block moves to the bowl along a straight line, and questions
and actions are exactly true of what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assets_index.transforms import Pose
from dataengine.samples import Box, FrameKey, GroundingSample
from dataengine.storage.block import block_path
from dataengine.storage.clip import Clip, ClipMeta, ClipSubTask, Guide, Moment, Motion, ShardMeta
from dataengine.storage.frames import Layer
from dataengine.storage.shard_writer import write_shard
from renderers.camera import CameraSpec, CameraView, Intrinsics
from renderers.frame import Frame
from renderers.look import DomeLook, LightLook, Look, SurfaceLook

CAMERAS = ("front", "wrist")
COLORS = {"red": (205, 40, 40), "green": (40, 160, 60), "blue": (50, 70, 210), "yellow": (225, 205, 50)}
BLOCK_ID, BOWL_ID = 3, 4
JOINTS = 7


@dataclass(frozen=True)
class DrawnBody:
    """The annotation of one rectangle."""

    instance_id: int
    box: Box | None
    amodal_box: Box | None
    visible_pixels: int
    visible_fraction: float


def shard_meta(size: int = 56) -> ShardMeta:
    cameras = tuple(
        CameraSpec(
            name=name,
            mount="world" if name == "front" else "hand",
            pose=Pose(),
            intrinsics=Intrinsics.of_fov(size, size, 1.0),
        )
        for name in CAMERAS
    )
    return ShardMeta(cameras=cameras, renderer="drawn", versions={"test": "1"})


def make_look(index: int, seed: int = 0) -> Look:
    surface = SurfaceLook(texture_id="wood-oak-00")
    light = LightLook(direction=(0.0, 0.0, -1.0))
    return Look(index=index, seed=seed, dome=DomeLook(dome_id="studio-00"), light=light, table=surface, floor=surface)


def make_motion(steps: int, rng: np.random.Generator) -> Motion:
    """A random walk of the arm; the gripper closes half-way."""
    position = np.cumsum(rng.normal(0.0, 0.02, (steps + 1, JOINTS)), 0)
    return Motion(
        joint_position=position,
        finger_position=rng.uniform(0.0, 0.04, (steps + 1, 1, 2)),
        tcp_pose=np.tile([0.5, 0.0, 0.3, 0.0, 1.0, 0.0, 0.0], (steps + 1, 1, 1)),
        joint_command=position[:-1] + rng.normal(0.0, 0.05, (steps, JOINTS)),
        gripper_command=(np.arange(steps)[:, None] < steps // 2).astype(float),
        phase=np.minimum(np.arange(steps), 8).astype(np.int8),
    )


def make_clip(
    episode: int,
    *,
    look: int = 0,
    seed: int = 0,
    steps: int = 6,
    stride: int = 1,
    size: int = 56,
    with_motion: bool = True,
) -> Clip:
    """One clip; every fourth episode is held out."""
    rng = np.random.default_rng([seed, episode, look])
    color = sorted(COLORS)[episode % len(COLORS)]
    words = (f"put the {color} block into the bowl", f"place the {color} block in the grey bowl")
    meta = ClipMeta(
        episode=episode,
        look=make_look(look, seed),
        split="heldout" if episode % 4 == 3 else "train",
        task="pick_place",
        instructions=words,
        subtasks=(ClipSubTask(first=0, end=steps, instructions=words),),
        bodies={"block": BLOCK_ID, "bowl": BOWL_ID},
    )
    motion = make_motion(steps, rng)
    moments = _moments(meta, color, steps, stride, size, rng)
    return Clip(meta, motion if with_motion else None, moments)


def write_test_shard(
    path: Path, episodes: range, *, looks: int = 1, seed: int = 0, steps: int = 6, size: int = 56
) -> None:
    """Write one shard of drawn clips."""
    clips = (
        make_clip(episode, look=look, seed=seed, steps=steps, size=size)
        for episode in episodes
        for look in range(looks)
    )
    write_shard(path, shard_meta(size), clips)


def write_test_run(
    run: Path,
    *,
    shards: int = 2,
    episodes_per_shard: int = 4,
    looks: int = 1,
    seed: int = 0,
    steps: int = 6,
    size: int = 56,
) -> Path:
    """A run folder with `shards/`; 6 questions a row and camera, `steps` action samples an episode and look."""
    for number in range(shards):
        episodes = range(number * episodes_per_shard, (number + 1) * episodes_per_shard)
        write_test_shard(block_path(run / "shards", number), episodes, looks=looks, seed=seed, steps=steps, size=size)
    return run


def _moments(
    meta: ClipMeta, color: str, steps: int, stride: int, size: int, rng: np.random.Generator
) -> Iterator[Moment]:
    tint = rng.integers(60, 120, 3)
    start = rng.uniform(0.12, 0.35, 2) * size
    bowl = _box(0.7 * size, 0.7 * size, 0.12 * size)
    for step in range(0, steps + 1, stride):
        path = start + (0.7 * size - start) * np.linspace(step / steps, 1.0, 5)[:, None]
        block = _box(*path[0], 0.09 * size)
        frames = {camera: _draw(camera, size, tint, color, block, bowl) for camera in CAMERAS}
        bodies = {camera: _annotate(frame, block, bowl) for camera, frame in frames.items()}
        questions = [
            question for camera in CAMERAS for question in _questions(meta, step, camera, color, block, bowl, path)
        ]
        guides = {camera: _guide(path, block) for camera in CAMERAS}
        layers = {camera: _layers(frame) for camera, frame in frames.items()}
        yield Moment(step, frames, bodies, questions, guides, layers)


def _box(x: float, y: float, half: float) -> Box:
    return (float(round(x - half)), float(round(y - half)), float(round(x + half)), float(round(y + half)))


def _draw(camera: str, size: int, tint: np.ndarray, color: str, block: Box, bowl: Box) -> Frame:
    rgb = np.tile(tint.astype(np.uint8), (size, size, 1))
    ids = np.ones((size, size), np.uint16)
    for body, instance_id, paint in ((bowl, BOWL_ID, (150, 150, 150)), (block, BLOCK_ID, COLORS[color])):
        x1, y1, x2, y2 = (int(v) for v in body)
        rgb[y1:y2, x1:x2] = paint
        ids[y1:y2, x1:x2] = instance_id
    depth = np.where(ids == 1, np.inf, 0.8).astype(np.float32) if camera == "front" else None
    view = CameraView(camera, size, size, Intrinsics.of_fov(size, size, 1.0).matrix, np.eye(4))
    return Frame(view, rgb, depth, ids)


def _annotate(frame: Frame, block: Box, bowl: Box) -> tuple[DrawnBody, ...]:
    assert frame.ids is not None
    bodies = []
    for instance_id, whole in ((BLOCK_ID, block), (BOWL_ID, bowl)):
        rows, columns = np.nonzero(frame.ids == instance_id)
        area = (whole[2] - whole[0]) * (whole[3] - whole[1])
        tight = (float(columns.min()), float(rows.min()), columns.max() + 1.0, rows.max() + 1.0) if len(rows) else None
        bodies.append(DrawnBody(instance_id, tight, whole, len(rows), len(rows) / area))
    return tuple(bodies)


def _guide(path: np.ndarray, block: Box) -> Guide:
    """The block is about to be grasped at its left and right edges."""
    x1, y1, x2, y2 = block
    return Guide(
        contacts=np.array([[x1, (y1 + y2) / 2, 0.0], [x2, (y1 + y2) / 2, 0.0]]),
        grasp_rectangle=np.array([[x1, y1, 0.0], [x1, y2, 0.0], [x2, y2, 1.0], [x2, y1, 1.0]]),
        gripper_trace=np.hstack([path, np.zeros((len(path), 1))]),
        object_trace=np.zeros((0, 3)),
    )


def _layers(frame: Frame) -> dict[Layer, np.ndarray]:
    """The table faces the front camera; there is room on it where no thing is."""
    assert frame.ids is not None
    if frame.depth is None:
        return {}
    facing = np.where((frame.ids == 1)[..., None], [0.0, 0.0, -1.0], np.nan).astype(np.float32)
    return {"normals": facing, "free_space": np.where(frame.ids == 1, 1, 2).astype(np.uint8)}


def _questions(
    meta: ClipMeta, step: int, camera: str, color: str, block: Box, bowl: Box, path: np.ndarray
) -> list[GroundingSample]:
    label = f"{color} block"
    center = ((block[0] + block[2]) / 2, (block[1] + block[3]) / 2)
    key = FrameKey(episode=meta.episode, step=step, look=meta.look.index, camera=camera)
    left = "yes" if block[0] < bowl[0] else "no"

    def ask(**answer: object) -> GroundingSample:
        return GroundingSample.model_validate(
            {"frame": key, "form": "json", "label": label, "bodies": ("block",), **answer}
        )

    return [
        ask(kind="box", question=f"Where is the {label}?", boxes=(block,)),
        ask(kind="box", question="Where is the bowl?", label="bowl", boxes=(bowl,), bodies=("bowl",), form="xml"),
        ask(kind="point", question=f"Point to the {label}.", points=(center,), form="xml"),
        ask(kind="trace", question=f"How does the {label} move?", trace=tuple(map(tuple, path.tolist()))),
        ask(
            kind="relation",
            question=f"Is the {label} left of the bowl?",
            text=left,
            form="text",
            bodies=("block", "bowl"),
        ),
        ask(kind="count", question="How many blocks are there?", label="blocks", text="1", form="text"),
    ]
