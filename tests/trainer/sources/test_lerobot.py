import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from dataengine.actions import ActionSpec
from dataengine.storage.errors import UnreadableData
from tests.lerobot_factory import PICTURE, RATE, TASKS, VIDEO, number_in, numbered_picture, numbers, write_lerobot
from trainer.data.sources.lerobot import LeRobotEpisodes
from trainer.data.sources.source import LeRobotMapping
from trainer.errors import ActionSpecMismatch, MissingCamera, UnreadableItem

NAMES = ("x", "y", "z", "roll", "pitch", "yaw", "gripper")
SPEC = ActionSpec(
    mode="end_effector_delta",
    names=NAMES,
    units=("m",) * 3 + ("rad",) * 3 + ("open",),
    gripper_indices=(6,),
    rate=RATE,
    chunk=4,
)
MAPPING = LeRobotMapping(
    spec=SPEC,
    cameras={"front": VIDEO, "wrist": PICTURE},
    state_columns=(0, 1, 2, 3, 4, 5, 7),
    factors=(0.05,) * 3 + (1.0,) * 4,
    gripper=(1.0, -1.0),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lerobot(tmp_path_factory.mktemp("lerobot"))


def changed(**keys) -> LeRobotMapping:
    return MAPPING.model_copy(update=keys)


def test_every_frame_of_both_kinds_is_the_right_one_in_any_order(root: Path):
    episodes = LeRobotEpisodes(root, MAPPING)
    order = np.random.default_rng(1).permutation(np.repeat(np.arange(18), 2)).tolist()
    for row in [*range(18), *order]:
        assert [number_in(episodes.rgb(camera, row)) for camera in ("front", "wrist")] == [row, row]
    assert np.array_equal(episodes.rgb("wrist", 11), numbered_picture(11))


@pytest.mark.parametrize("codec", ["libsvtav1", "libx264"])
def test_the_codecs_of_real_datasets_are_read_too(codec: str, tmp_path: Path):
    episodes = LeRobotEpisodes(write_lerobot(tmp_path, ((40,),), codec), MAPPING)
    for row in np.random.default_rng(2).permutation(40).tolist():
        assert number_in(episodes.rgb("front", row)) == row


def test_a_moment_has_the_actions_that_follow_in_its_episode(root: Path):
    episodes = LeRobotEpisodes(root, MAPPING)
    actions, states = numbers(18)
    assert episodes.action_count == len(episodes.action_indices()) == 18
    sample = episodes.action(10)
    assert (sample.episode, sample.step, sample.row, sample.instructions) == (1, 3, 10, (TASKS[1],))
    assert sample.padded.tolist() == [False, False, True, True]
    assert np.allclose(sample.actions[:2, :3], 0.05 * actions[10:12, :3])
    assert np.allclose(sample.actions[:2, 3:6], actions[10:12, 3:6])
    assert not sample.actions[2:, :6].any()
    assert sample.actions[:, 6].tolist() == [0.0, 0.0, 0.0, 0.0]
    assert episodes.action(12).actions[:, 6].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert np.array_equal(sample.state, states[10, [0, 1, 2, 3, 4, 5, 7]])
    assert episodes.action(17, chunk=1).padded.tolist() == [False]
    with pytest.raises(IndexError):
        episodes.action(18)


def test_absolute_targets_become_differences(root: Path):
    mapping = changed(absolute=True, factors=None, gripper=(-1.0, 1.0))
    actions, states = numbers(18)
    sample = LeRobotEpisodes(root, mapping).action(3, chunk=2)
    assert np.allclose(sample.actions[:, :6], actions[3:5, :6] - states[3:5, :6], atol=1e-6)
    assert sample.actions[:, 6].tolist() == [1.0, 0.0]


def test_numbers_come_file_by_file(root: Path):
    parts = list(LeRobotEpisodes(root, MAPPING).action_columns())
    assert [len(actions) for actions, _ in parts] == [12, 6]
    assert np.array_equal(parts[1][0][0], LeRobotEpisodes(root, MAPPING).action(12).actions[0])


def test_workers_read_what_the_parent_reads(root: Path):
    episodes = LeRobotEpisodes(root, MAPPING)
    assert number_in(episodes.rgb("front", 5)) == 5
    again = pickle.loads(pickle.dumps(episodes))
    assert number_in(again.rgb("front", 6)) == 6
    assert np.array_equal(again.action(6).actions, episodes.action(6).actions)


@pytest.mark.parametrize(
    ("mapping", "error", "complaint"),
    [
        (changed(spec=SPEC.model_copy(update={"rate": 20.0})), ActionSpecMismatch, "10 frames a second.*is 20"),
        (changed(state_columns=None), ActionSpecMismatch, "8 entries or factors of 'observation.state'.*states"),
        (changed(columns=(0, 1, 2, 3, 4, 5, 7)), ActionSpecMismatch, "'action' has 7 entries"),
        (changed(factors=(1.0,)), ActionSpecMismatch, "1 entries or factors of 'action'"),
        (changed(action="actions"), ActionSpecMismatch, "no list of numbers 'actions'"),
        (changed(gripper=(1.0, 1.0)), ActionSpecMismatch, "closed and open"),
        (changed(cameras={"front": "observation.images.top"}), MissingCamera, f"there are {VIDEO}, {PICTURE}"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(root: Path, mapping: LeRobotMapping, error, complaint: str):
    with pytest.raises(error, match=complaint):
        LeRobotEpisodes(root, mapping)


def test_older_versions_and_damaged_files_are_named(tmp_path: Path):
    root = write_lerobot(tmp_path)
    video = root / "videos" / VIDEO / "chunk-000" / "file-001.mp4"
    video.write_bytes(video.read_bytes()[:100])
    with pytest.raises(UnreadableItem, match=r"file-001\.mp4"):
        LeRobotEpisodes(root, MAPPING).rgb("front", 13)
    data = root / "data" / "chunk-000" / "file-000.parquet"
    data.write_bytes(data.read_bytes()[:-100])
    with pytest.raises(UnreadableData, match=r"file-000\.parquet"):
        LeRobotEpisodes(root, MAPPING).action(0)
    with pytest.raises(UnreadableData, match=r"file-000\.parquet"):
        LeRobotEpisodes(root, MAPPING).rgb("wrist", 0)
    (episodes,) = (root / "meta" / "episodes").glob("*/*.parquet")
    whole = episodes.read_bytes()
    episodes.write_bytes(whole[:-100])
    with pytest.raises(UnreadableData, match="meta/episodes"):
        LeRobotEpisodes(root, MAPPING)
    episodes.write_bytes(whole)
    info = root / "meta" / "info.json"
    info.write_text(json.dumps({**json.loads(info.read_text()), "codebase_version": "v2.1"}))
    with pytest.raises(UnreadableData, match=r"version v2\.1 cannot be read, only v3"):
        LeRobotEpisodes(root, MAPPING)
