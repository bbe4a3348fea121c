"""Single frames of video files, in any order. Needs PyAV, which comes with the extra `lerobot`."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

from trainer.data.images import Rgb
from trainer.errors import MissingPackage, UnreadableItem

_OPEN_FILES = 16
_AHEAD = 16
"""As many frames ahead are decoded one after the other, which is faster than going back to a key frame."""

_EARLIER = 5.0
"""Seconds to go back where a search for a key frame ended too late."""


class VideoFrames:
    """Frames by time, of as many files as one likes; those read last stay open.

    Can be pickled; a worker process opens its files anew.

    Raises:
        MissingPackage: without PyAV.
    """

    def __init__(self) -> None:
        try:
            import av  # noqa: F401
        except ImportError as error:
            raise MissingPackage("videos need PyAV: pip install 'st4vla-dataengine[lerobot]'") from error
        self._open: OrderedDict[Path, _Video] = OrderedDict()

    def __getstate__(self) -> dict[str, object]:
        return {"_open": OrderedDict()}

    def frame(self, path: Path, seconds: float) -> Rgb:
        """The frame (H, W, 3) that is shown at a time.

        Raises:
            UnreadableItem: if there is none, or it cannot be decoded.
        """
        from av.error import FFmpegError

        try:
            frame = self._video(path).frame(seconds)
        except (FFmpegError, IndexError) as error:
            self._open.pop(path, None)
            raise UnreadableItem(f"{path}: {' '.join(str(error).split())}") from error
        if frame is None:
            raise UnreadableItem(f"{path}: no frame at {seconds:.3f} s")
        return frame.to_ndarray(format="rgb24")

    def _video(self, path: Path) -> _Video:
        """The open file; the one that was not used for longest makes room."""
        if path not in self._open:
            self._open[path] = _Video(path)
            if len(self._open) > _OPEN_FILES:
                self._open.popitem(last=False)[1].close()
        self._open.move_to_end(path)
        return self._open[path]


class _Video:
    """One file, and where in it decoding stands: of a group of pictures, only what was not decoded yet is."""

    def __init__(self, path: Path) -> None:
        import av

        self._container = av.open(str(path))
        self._stream = self._container.streams.video[0]
        self._stream.codec_context.thread_count = 1  # workers are many, and threads would decode frames in advance
        self._period = float(1 / self._stream.average_rate)
        self._frames = self._container.decode(self._stream)
        self._last: Any = None

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def frame(self, seconds: float) -> Any:
        """The frame whose time is within half a period of `seconds`, or None."""
        ahead = -1.0 if self._last is None else (seconds - self._last.time) / self._period
        if abs(ahead) < 0.5:
            return self._last
        if not 0 < ahead <= _AHEAD:
            self._seek(seconds)
        # A key frame is found by when it is decoded; where frames refer to later ones, it may be shown after `seconds`.
        found = self._decode_until(seconds)
        if found is None:
            self._seek(max(0.0, seconds - _EARLIER))
            found = self._decode_until(seconds)
        return found

    def _seek(self, seconds: float) -> None:
        self._container.seek(round(seconds / self._stream.time_base), stream=self._stream)
        self._frames = self._container.decode(self._stream)

    def _decode_until(self, seconds: float) -> Any:
        for frame in self._frames:
            self._last = frame
            if frame.time > seconds - 0.5 * self._period:
                return frame if frame.time < seconds + 0.5 * self._period else None
        self._last = None
        return None
