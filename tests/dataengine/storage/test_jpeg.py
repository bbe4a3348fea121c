from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
import zarr
from PIL import Image

from dataengine.storage.jpeg import JpegCodec, decode_jpeg, encode_jpeg


def smooth_picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def test_pictures_come_back_nearly_as_they_were():
    rgb = smooth_picture(120, 160)
    back = decode_jpeg(encode_jpeg(rgb))
    assert back.shape == rgb.shape
    assert np.abs(back.astype(int) - rgb).mean() < 2.0


def test_another_decoder_sees_the_same_channels():
    rgb = np.zeros((32, 48, 3), np.uint8)
    rgb[...] = (200, 90, 10)
    with Image.open(io.BytesIO(encode_jpeg(rgb))) as picture:
        assert picture.size == (48, 32)
        assert np.abs(np.asarray(picture, int) - rgb).max() <= 3


def test_full_chroma_keeps_thin_coloured_lines():
    rgb = np.full((64, 64, 3), 128, np.uint8)
    rgb[:, ::8] = (255, 0, 0)
    errors = {s: np.abs(decode_jpeg(encode_jpeg(rgb, 95, s)).astype(int) - rgb).mean() for s in ("4:4:4", "4:2:0")}
    assert errors["4:4:4"] < 0.5 * errors["4:2:0"]


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\xff\xd8\xff\xe0 half a header"])
def test_bytes_that_are_no_picture_are_refused(data):
    with pytest.raises(ValueError, match="not a JPEG file"):
        decode_jpeg(data)


@pytest.mark.parametrize("sharded", [False, True])
def test_zarr_writes_and_reads_with_the_codec(tmp_path: Path, sharded: bool):
    frames = np.stack([smooth_picture(24, 32, seed) for seed in range(5)])
    array = zarr.create_array(
        tmp_path / "a.zarr",
        shape=frames.shape,
        dtype=np.uint8,
        chunks=(1, 24, 32, 3),
        shards=(3, 24, 32, 3) if sharded else None,
        serializer=JpegCodec(quality=90, subsampling="4:4:4"),
        compressors=None,
    )
    array[...] = frames
    back = zarr.open_array(tmp_path / "a.zarr", mode="r")
    assert np.abs(back[...].astype(int) - frames).mean() < 5.0
    assert (back[2] == decode_jpeg(encode_jpeg(frames[2], 90, "4:4:4"))).all()


@pytest.mark.parametrize(
    ("shape", "dtype", "chunks"),
    [
        ((4, 8, 8, 3), np.uint16, (1, 8, 8, 3)),
        ((4, 8, 8, 4), np.uint8, (1, 8, 8, 4)),
        ((4, 8, 8, 3), np.uint8, (2, 8, 8, 3)),
        ((4, 8, 8, 3), np.uint8, (1, 4, 8, 3)),
    ],
)
def test_arrays_that_are_not_one_picture_a_chunk_are_refused(tmp_path, shape, dtype, chunks):
    with pytest.raises(ValueError, match="jpeg codec"):
        zarr.create_array(
            tmp_path / "a.zarr", shape=shape, dtype=dtype, chunks=chunks, serializer=JpegCodec(), compressors=None
        )


@pytest.mark.parametrize("settings", [{"quality": 0}, {"quality": 101}, {"subsampling": "4:1:0"}])
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValueError, match="jpeg"):
        JpegCodec(**settings)
