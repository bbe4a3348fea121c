"""Episode records with random numbers in them, made without physics."""

from __future__ import annotations

import numpy as np

from assets_index.transforms import Pose
from dataengine.record import EpisodeMeta, EpisodeRecord, GraspRecord, SubTaskRecord, Verification
from dataengine.rejection import AttemptStage, Cause, Rejection, TriedSubTask
from scene_graph.relations import In, Verdict
from scene_graph.task import Layout, Node, Rect, SceneGraph, SubTask, TaskSpec

JOINTS = 7


def make_meta(attempt: int, bodies: int, margin: float = 0.01, steps: int = 12, joints: int = 0) -> EpisodeMeta:
    names = ("apple", "bowl", *(f"distractor{i}" for i in range(bodies - 2)))
    roles = ("target", "container", *("distractor" for _ in range(bodies - 2)))
    nodes = tuple(Node(name=n, asset_id=f"{n}-0123456789ab", role=r) for n, r in zip(names, roles, strict=True))  # type: ignore[arg-type]
    goal = (In(subject="apple", anchor="bowl"),)
    grasp = GraspRecord(pose=Pose(), width=0.05, contacts=((0.0, 0.0, 0.0), (0.0, 0.1, 0.0)), quality=0.1 + 0.2)
    words = "den Apfel in die Schüssel 🥣"
    scene = SceneGraph(nodes=nodes, workspace=Rect(lower=(0.3, -0.3), upper=(0.7, 0.3)), table_id="table-0123456789ab")
    return EpisodeMeta(
        attempt=attempt,
        run_seed=7,
        task=TaskSpec.of_one(
            "pick_place", scene, SubTask(target="apple", container="bowl", goal=goal, instruction=words)
        ),
        layout=Layout(poses=dict.fromkeys(names, Pose()), stable_pose=dict.fromkeys(names, 0)),
        bodies=names,
        joints=tuple(f"bowl/lid {number}" for number in range(joints)),
        robot="franka_panda",
        rate=20.0,
        timestep=0.0025,
        subtasks=(SubTaskRecord(first=0, end=steps, padding=min(4, steps), grasp=grasp),),
        verification=Verification(
            goal=(Verdict(holds=True, margin=margin),),
            subgoals=((Verdict(holds=True, margin=margin),),),
            max_foreign_force=1 / 3,
            max_neighbor_shift=0.0,
            slip=1e-9,
            settle_shift=0.0,
        ),
        settle_steps=20,
        versions={"mujoco": "4.0.0"},
    )


def make_record(
    attempt: int, *, steps: int = 12, bodies: int = 3, joints: int = 0, arms: int = 1, seed: int = 0
) -> EpisodeRecord:
    rng = np.random.default_rng([seed, attempt])
    return EpisodeRecord(
        meta=make_meta(attempt, bodies, steps=steps, joints=joints),
        joint_position=rng.normal(size=(steps + 1, arms * JOINTS)),
        joint_velocity=rng.normal(size=(steps + 1, arms * JOINTS)),
        finger_position=rng.uniform(0.0, 0.04, (steps + 1, arms, 2)),
        tcp_pose=rng.normal(size=(steps + 1, arms, 7)),
        object_pose=rng.normal(size=(steps + 1, bodies, 7)),
        articulation=rng.normal(size=(steps + 1, joints)),
        joint_command=rng.normal(size=(steps, arms * JOINTS)),
        gripper_command=rng.integers(0, 2, (steps, arms)).astype(np.float64),
        phase=rng.integers(0, 9, steps).astype(np.int8),
        foreign_force=rng.uniform(0.0, 5.0, steps).astype(np.float32),
        gripper_force=rng.uniform(0.0, 50.0, (steps, arms)).astype(np.float32),
    )


def make_rejection(attempt: int, cause: Cause = Cause.NO_IK) -> Rejection:
    return Rejection(
        attempt=attempt,
        stage=AttemptStage.PLAN,
        cause=cause,
        detail="no joint angles reach 0.82 m",
        task="pick_place",
        tried=(
            TriedSubTask(
                skill="pick_place",
                target_asset="apple-0123456789ab",
                container_asset="bowl-0123456789ab",
                relations=("in",),
                succeeded=False,
            ),
        ),
        seconds=0.5,
    )
