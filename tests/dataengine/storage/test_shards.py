from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
from pathlib import Path

import fsspec
import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from dataengine.actions import ActionSpec, action_spec
from dataengine.samples import FrameKey, GroundingSample
from dataengine.storage.block import block_digest, verify_checksums
from dataengine.storage.clip import Clip, Moment, Motion
from dataengine.storage.errors import CorruptBlock, UnreadableData
from dataengine.storage.question_table import FORMS, KINDS
from dataengine.storage.shard_reader import ShardReader
from dataengine.storage.shard_set import ShardSet
from dataengine.storage.shard_writer import write_shard
from tests.record_factory import make_record
from tests.shard_factory import CAMERAS, make_clip, shard_meta, write_test_run, write_test_shard

ROOT = Path(__file__).parents[3]
COORDINATE = st.floats(-1e4, 1e4)
POINT = st.tuples(COORDINATE, COORDINATE)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@st.composite
def grounding_samples(draw: st.DrawFn) -> GroundingSample:
    return GroundingSample(
        frame=FrameKey(episode=5, step=0, look=0, camera=draw(st.sampled_from(CAMERAS))),
        kind=draw(st.sampled_from(KINDS)),
        form=draw(st.sampled_from(FORMS)),
        question=draw(TEXT),
        label=draw(TEXT),
        boxes=tuple(draw(st.lists(st.tuples(*[COORDINATE] * 4), max_size=3))),
        points=tuple(draw(st.lists(POINT, max_size=3))),
        trace=tuple(draw(st.lists(POINT, max_size=6))),
        text=draw(TEXT),
        bodies=tuple(draw(st.lists(TEXT, max_size=3))),
        visible_fraction=draw(st.floats(0, 1)),
    )


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(questions=st.lists(grounding_samples(), max_size=8))
def test_questions_come_back_exactly(tmp_path_factory, questions):
    path = tmp_path_factory.mktemp("shards") / "000000.zarr"
    clip = make_clip(5, steps=1)
    moment = next(iter(clip.moments))
    write_shard(path, shard_meta(), [Clip(clip.meta, clip.motion, [Moment(0, moment.frames, {}, questions)])])
    reader = ShardReader(path)
    back = [reader.grounding(i) for i in range(reader.grounding_count)]
    assert back == questions
    assert [GroundingSample.model_validate(sample.model_dump()) for sample in back] == questions


def test_frames_are_what_was_drawn(shard: Path):
    reader = ShardReader(shard)
    drawn = list(make_clip(0).moments)
    for row, moment in enumerate(drawn):
        for camera in CAMERAS:
            frame = moment.frames[camera]
            assert np.abs(reader.rgb(camera, row).astype(int) - frame.rgb).mean() < 6
            assert (reader.ids(camera, row) == frame.ids).all()
            assert (reader.view(camera, row).K == frame.view.K).all()
            assert (reader.view(camera, row).T_world_camera == frame.view.T_world_camera).all()
            stored = reader.bodies(camera, row)
            assert [body.box for body in stored] == [body.box for body in moment.bodies[camera]]
            assert [body.visible_pixels for body in stored] == [body.visible_pixels for body in moment.bodies[camera]]


def test_guides_and_layers_are_what_was_given(shard: Path):
    reader = ShardReader(shard)
    for row, moment in enumerate(make_clip(0).moments):
        for camera in CAMERAS:
            stored, given = reader.guide(camera, row), moment.guides[camera]
            for name in ("contacts", "grasp_rectangle", "gripper_trace", "object_trace"):
                np.testing.assert_allclose(getattr(stored, name), getattr(given, name), rtol=1e-6)
            if camera == "front":
                np.testing.assert_array_equal(reader.normals(camera, row), moment.layers[camera]["normals"])
                np.testing.assert_array_equal(reader.free_space(camera, row), moment.layers[camera]["free_space"])
            else:
                assert reader.normals(camera, row) is reader.free_space(camera, row) is None


def test_masks_are_those_of_the_ids(shard: Path):
    reader = ShardReader(shard)
    ids = reader.ids("front", 0)
    masks = reader.masks("front", 0)
    assert masks.keys() == set(np.unique(ids).tolist()) - {0}
    for number, runs in masks.items():
        assert (coco.decode(runs).astype(bool) == (ids == number)).all()


def test_jpeg_bytes_are_those_that_zarr_decodes(shard: Path):
    reader = ShardReader(shard)
    frames = zarr.open_group(shard, mode="r")["frames/rgb/front"]
    assert reader.jpeg("front", 3)[:2] == b"\xff\xd8"
    assert (reader.rgb("front", 3) == frames[3]).all()


def test_depth_is_metric_and_stored_only_where_it_was_given(shard: Path):
    reader = ShardReader(shard)
    depth = reader.depth("front", 0)
    assert depth is not None
    assert depth.dtype == np.float32
    assert set(np.unique(depth).tolist()) == {np.float32(0.8), np.inf}
    assert reader.depth("wrist", 0) is None


def test_the_answer_to_a_box_question_encloses_the_body_in_the_ids(run: Path):
    shards = ShardSet(run)
    for i in shards.grounding_indices(kinds={"box"})[::7]:
        sample = shards.grounding(i)
        ids = shards.ids(sample.frame.camera, shards.grounding_row(i))
        name = sample.bodies[0]
        x1, y1, x2, y2 = (int(v) for v in sample.boxes[0])
        body = ids == shards.clip(shards.grounding_row(i)).bodies[name]
        assert body[y1:y2, x1:x2].sum() == body.sum() > 0


def test_keys_lead_to_rows_and_back(shard: Path):
    reader = ShardReader(shard)
    for row in range(reader.frame_rows):
        key = reader.key("wrist", row)
        assert reader.row(key) == row
        assert row in reader.clip_rows(reader.clip_of(row))
    assert {reader.clip(c).look.index for c in range(reader.counts["clips"])} == {0, 1}
    with pytest.raises(KeyError):
        reader.row(FrameKey(episode=99, step=0, look=0, camera="front"))


def test_the_actions_of_two_arms_are_all_joints_then_both_grippers(tmp_path: Path):
    record, clip = make_record(2, steps=6, arms=2), make_clip(2, steps=6)
    meta = shard_meta().model_copy(update={"action": action_spec("two_frankas", 20.0)})
    write_shard(tmp_path / "000000.zarr", meta, [Clip(clip.meta, Motion.of(record), clip.moments)])
    reader = ShardReader(tmp_path / "000000.zarr")
    sample = reader.action(4, chunk=5)
    assert sample.actions.shape == (5, 16)
    assert np.allclose(sample.actions[:2, :14], (record.joint_command - record.joint_position[:-1])[4:], atol=1e-6)
    assert (sample.actions[:2, 14:] == record.gripper_command[4:]).all()
    assert (sample.actions[2:] == [*np.zeros(14), *record.gripper_command[-1]]).all()
    assert np.allclose(sample.state, [*record.joint_position[4], *record.finger_position[4].sum(1)], atol=1e-6)
    motion = reader.motion(0)
    assert motion is not None
    assert (motion.tcp_pose == record.tcp_pose).all()


def test_an_action_is_the_command_relative_to_the_state_before_it(tmp_path: Path):
    record = make_record(2, steps=10)
    clip = make_clip(2, steps=10)
    write_shard(tmp_path / "000000.zarr", shard_meta(), [Clip(clip.meta, Motion.of(record), clip.moments)])
    reader = ShardReader(tmp_path / "000000.zarr")
    assert reader.action_count == 10
    for i in range(10):
        sample = reader.action(i, chunk=4)
        present = min(4, 10 - i)
        assert (sample.step, sample.row, sample.episode) == (i, i, 2)
        expected = (record.joint_command - record.joint_position[:-1])[i : i + present]
        assert np.allclose(sample.actions[:present, :7], expected, atol=1e-6)
        assert (sample.actions[:present, 7] == record.gripper_command[i : i + present, 0]).all()
        assert (sample.actions[present:, :7] == 0).all()
        assert (sample.actions[present:, 7] == record.gripper_command[-1]).all()
        assert sample.padded.tolist() == [False] * present + [True] * (4 - present)
        assert np.allclose(sample.state, [*record.joint_position[i], record.finger_position[i].sum()], atol=1e-6)
    assert reader.action(0).actions.shape == (16, 8)
    motion = reader.motion(0)
    assert motion is not None
    assert (motion.joint_command == record.joint_command).all()
    assert (motion.tcp_pose == record.tcp_pose).all()


def test_clips_with_a_stride_or_without_motion(tmp_path: Path):
    clips = [make_clip(0, with_motion=False), make_clip(1, steps=6, stride=4), make_clip(4, steps=6)]
    write_shard(tmp_path / "000000.zarr", shard_meta(), clips)
    reader = ShardReader(tmp_path / "000000.zarr")
    samples = [reader.action(i) for i in range(reader.action_count)]
    assert [(sample.episode, sample.step) for sample in samples] == [(1, 0), (1, 4), *((4, step) for step in range(6))]
    for sample in samples:
        assert reader.key("front", sample.row).episode == sample.episode
        clip = reader.clip_of(sample.row)
        motion = reader.motion(clip)
        assert motion is not None
        assert sample.instructions == reader.clip(clip).instructions
        assert np.allclose(sample.state[:7], motion.joint_position[sample.step], atol=1e-6)
    assert reader.motion(0) is None


def test_a_shard_of_questions_only(tmp_path: Path):
    write_shard(tmp_path / "000000.zarr", shard_meta(), [make_clip(0, with_motion=False)])
    reader = ShardReader(tmp_path / "000000.zarr")
    assert reader.action_count == 0
    with pytest.raises(IndexError):
        reader.action(0)


def test_an_empty_shard(tmp_path: Path):
    write_shard(tmp_path / "000000.zarr", shard_meta(), [])
    shards = ShardSet(tmp_path / "000000.zarr")
    assert (shards.frame_rows, shards.grounding_count, shards.action_count) == (0, 0, 0)
    assert shards.grounding_indices("train").tolist() == []
    verify_checksums(tmp_path / "000000.zarr")


def test_the_set_is_the_shards_one_after_the_other(run: Path):
    shards = ShardSet(run)
    readers = [ShardReader(run / "shards" / f"{i:06d}.zarr") for i in range(2)]
    split = readers[0].grounding_count
    assert shards.grounding_count == sum(reader.grounding_count for reader in readers)
    assert shards.grounding(split - 1) == readers[0].grounding(split - 1)
    assert shards.grounding(split) == readers[1].grounding(0)
    action = shards.action(readers[0].action_count)
    assert action.row == readers[0].frame_rows
    assert (action.actions == readers[1].action(0).actions).all()
    assert shards.jpeg("wrist", action.row) == readers[1].jpeg("wrist", 0)
    assert shards.key("wrist", action.row) == readers[1].key("wrist", 0)
    for i in (-1, shards.grounding_count):
        with pytest.raises(IndexError):
            shards.grounding(i)


def test_filters_choose_by_split_and_kind(run: Path):
    shards = ShardSet(run)
    for split in ("train", "heldout"):
        chosen = shards.grounding_indices(split, {"box", "trace"})
        samples = [shards.grounding(i) for i in chosen]
        assert {sample.kind for sample in samples} == {"box", "trace"}
        assert {shards.clip(shards.grounding_row(i)).split for i in chosen} == {split}
        assert all((sample.frame.episode % 4 == 3) == (split == "heldout") for sample in samples)
        actions = [shards.action(i) for i in shards.action_indices(split)]
        assert all((action.episode % 4 == 3) == (split == "heldout") for action in actions)
    parts = [shards.grounding_indices(split) for split in ("train", "heldout")]
    assert sorted(np.concatenate(parts).tolist()) == list(range(shards.grounding_count))
    assert len(shards.action_indices()) == shards.action_count


def test_several_runs_and_single_shards_make_one_set(run: Path, tmp_path: Path):
    write_test_shard(tmp_path / "000000.zarr", range(2))
    together = ShardSet([run, tmp_path / "000000.zarr"])
    assert together.frame_rows == ShardSet(run).frame_rows + ShardReader(tmp_path / "000000.zarr").frame_rows


@pytest.mark.parametrize("change", [{"cameras": ()}, {"action": ActionSpec(rate=10.0)}])
def test_shards_of_other_cameras_or_actions_are_not_mixed(run: Path, tmp_path: Path, change: dict[str, object]):
    write_shard(tmp_path / "000000.zarr", shard_meta().model_copy(update=change), [])
    with pytest.raises(UnreadableData, match="differ"):
        ShardSet([run, tmp_path / "000000.zarr"])


def read_one(shards: ShardSet) -> tuple[GroundingSample, bytes]:
    return shards.grounding(7), shards.jpeg("front", 30)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_read_what_the_parent_reads(run: Path, method: str):
    shards = ShardSet(run)
    expected = read_one(shards)
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply(read_one, (shards,)) == expected
    assert read_one(pickle.loads(pickle.dumps(shards))) == expected


def test_shards_are_read_through_fsspec(run: Path):
    memory = fsspec.filesystem("memory")
    memory.put(str(run), "/bucket/run", recursive=True)
    local, remote = ShardSet(run), ShardSet("memory://bucket/run")
    assert remote.grounding(11) == local.grounding(11)
    assert remote.jpeg("wrist", 40) == local.jpeg("wrist", 40)
    assert (remote.ids("wrist", 40) == local.ids("wrist", 40)).all()
    assert ShardSet(f"file://{run}").grounding(11) == local.grounding(11)


def test_equal_clips_make_equal_bytes(tmp_path: Path):
    for name in ("a", "b"):
        write_test_run(tmp_path / name, shards=1, episodes_per_shard=2)
    one, other = (block_digest(tmp_path / name / "shards" / "000000.zarr") for name in ("a", "b"))
    assert one == other


def test_counts_say_what_is_there(shard: Path):
    counts = ShardReader(shard).counts
    rows = 4 * 2 * 7
    assert counts["frame_rows"] == rows
    assert counts["frames"] == rows * len(CAMERAS)
    assert counts["action_samples"] == 4 * 2 * 6
    assert sum(counts["questions_by_kind"].values()) == counts["grounding_samples"] == rows * len(CAMERAS) * 6


def test_a_moment_without_all_cameras_is_refused(tmp_path: Path):
    clip = make_clip(0)
    moment = next(iter(clip.moments))
    half = Moment(0, {"front": moment.frames["front"]})
    with pytest.raises(ValueError, match="wrist"):
        write_shard(tmp_path / "000000.zarr", shard_meta(), [Clip(clip.meta, None, [half])])
    assert list(tmp_path.iterdir()) == []


def test_questions_about_other_frames_are_refused(tmp_path: Path):
    clip = make_clip(0)
    moments = list(clip.moments)
    mixed = Moment(0, moments[0].frames, {}, moments[1].questions)
    with pytest.raises(ValueError, match="question"):
        write_shard(tmp_path / "000000.zarr", shard_meta(), [Clip(clip.meta, None, [mixed])])


def test_a_flipped_byte_in_a_frame_is_named(tmp_path: Path):
    write_test_shard(tmp_path / "000000.zarr", range(1))
    path = tmp_path / "000000.zarr" / "frames/rgb/front/c/0/0/0/0"
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0x10
    path.write_bytes(data)
    with pytest.raises(CorruptBlock, match="frames/rgb/front/c/0/0/0/0: is damaged"):
        verify_checksums(tmp_path / "000000.zarr")


def test_a_missing_frame_is_named(tmp_path: Path):
    write_test_shard(tmp_path / "000000.zarr", range(1))
    (tmp_path / "000000.zarr" / "frames/rgb/front/c/0/0/0/0").unlink()
    with pytest.raises(CorruptBlock, match="frame 0 of camera front"):
        ShardReader(tmp_path / "000000.zarr").jpeg("front", 0)


def test_a_frame_that_is_no_picture_is_named(tmp_path: Path):
    write_test_shard(tmp_path / "000000.zarr", range(1))
    path = tmp_path / "000000.zarr" / "frames/rgb/front/c/0/0/0/0"
    data = path.read_bytes()
    path.write_bytes(bytes(100) + data[100:])
    with pytest.raises(CorruptBlock, match="frame 0 of camera front"):
        ShardReader(tmp_path / "000000.zarr").rgb("front", 0)


@pytest.mark.parametrize("content", ["empty folder", "nothing", "foreign"])
def test_what_is_no_run_is_one_line(tmp_path: Path, content: str):
    if content == "empty folder":
        (tmp_path / "run" / "shards").mkdir(parents=True)
    if content == "foreign":
        zarr.create_group(tmp_path / "run" / "shards" / "000000.zarr")
    with pytest.raises(UnreadableData) as error:
        ShardSet(tmp_path / "run")
    assert "\n" not in str(error.value)


def test_reading_needs_no_simulator_and_no_torch(run: Path):
    script = (
        "import sys; from dataengine.storage.shard_set import ShardSet\n"
        f"shards = ShardSet({str(run)!r}); shards.grounding(0); shards.action(0); shards.rgb('front', 0)\n"
        "heavy = {'mujoco', 'open3d', 'torch', 'transformers', 'trimesh', 'shapely', 'scipy', 'pyarrow'}\n"
        "print(*(heavy & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.split() == []


@pytest.mark.parametrize(("url", "complaint"), [("s3://bucket/run", "s3fs"), ("gopher://run", "gopher")])
def test_a_protocol_that_is_not_there_is_named(url: str, complaint: str):
    with pytest.raises(UnreadableData, match=complaint):
        ShardSet(url)
