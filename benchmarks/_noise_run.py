"""A run of noise pictures of the usual size, with a question about each and an arm that walks at random."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from assets_index.transforms import Pose
from dataengine.samples import FrameKey, GroundingSample
from dataengine.storage.block import block_path
from dataengine.storage.clip import Clip, ClipMeta, Moment, Motion, ShardMeta
from dataengine.storage.shard_writer import write_shard
from renderers.camera import CameraSpec, CameraView, Intrinsics
from renderers.frame import Frame
from renderers.look import DomeLook, LightLook, Look, SurfaceLook

SIZE, JOINTS = 224, 7


def write_run(run: Path, clips: int, steps: int) -> None:
    names = ("front", "wrist")
    lens = Intrinsics.of_fov(SIZE, SIZE, 1.0)
    cameras = tuple(CameraSpec(name=n, mount="world", pose=Pose(), intrinsics=lens) for n in names)
    surface = SurfaceLook(texture_id="none")
    light = LightLook(direction=(0.0, 0.0, -1.0))
    look = Look(index=0, seed=0, dome=DomeLook(dome_id="none"), light=light, table=surface, floor=surface)
    rng = np.random.default_rng(0)

    def moment(clip: int, step: int) -> Moment:
        frames, questions = {}, []
        for name in names:
            view = CameraView(name, SIZE, SIZE, lens.matrix, np.eye(4))
            frames[name] = Frame(
                view, np.kron(rng.integers(0, 256, (28, 28, 3), np.uint8), np.ones((8, 8, 1), np.uint8))
            )
            key = FrameKey(episode=clip, step=step, look=0, camera=name)
            questions += [
                GroundingSample(
                    frame=key,
                    kind="box",
                    form="json",
                    question="Where is the mug?",
                    label="mug",
                    boxes=((9, 20, 70, 99),),
                )
            ] * 8
        return Moment(step, frames, {}, questions)

    def clip(number: int) -> Clip:
        meta = ClipMeta(
            episode=number,
            look=look,
            split="train",
            task="none",
            instructions=("put the mug on the plate",),
            subtasks=(),
            bodies={},
        )
        position = rng.normal(size=(steps + 1, JOINTS))
        motion = Motion(
            joint_position=position,
            finger_position=rng.uniform(0, 0.04, (steps + 1, 1, 2)),
            tcp_pose=np.zeros((steps + 1, 1, 7)),
            joint_command=position[1:],
            gripper_command=np.ones((steps, 1)),
            phase=np.zeros(steps, np.int8),
        )
        return Clip(meta, motion, (moment(number, step) for step in range(steps)))

    write_shard(
        block_path(run / "shards", 0),
        ShardMeta(cameras=cameras, renderer="noise", versions={}),
        map(clip, range(clips)),
    )
