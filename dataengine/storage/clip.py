"""A rendered pass over an episode: what goes into a shard and comes out of it.

A clip is one episode under one look. A row is one moment of a clip, seen by every camera.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import Split
from assets_index.schema import Schema
from dataengine.actions import ActionSpec
from dataengine.samples import Box, GroundingSample
from dataengine.storage.frames import Layer
from dataengine.storage.jpeg import Subsampling
from renderers.camera import CameraSpec
from renderers.frame import Frame
from renderers.look import Look

if TYPE_CHECKING:
    from dataengine.record import EpisodeRecord


FORMAT = "dataengine.shard"
FORMAT_VERSION = 4


class ShardMeta(Schema):
    """What holds for every clip of a shard.

    Attributes:
        cameras: as mounted; their order is that of the question table's camera column.
        renderer: name of the backend that drew the frames.
        versions: package versions.
        jpeg_quality: 1..100; jpeg_subsampling: of the colour differences.
    """

    cameras: tuple[CameraSpec, ...]
    action: ActionSpec = ActionSpec()
    renderer: str
    versions: dict[str, str]
    jpeg_quality: int = 95
    jpeg_subsampling: Subsampling = "4:2:0"


class ClipSubTask(Schema):
    """One of the things done in a clip, one after another.

    Attributes:
        first: its first control step; end: the step after its last. The last one's may lie beyond the clip's rows.
        instructions: wordings, the template first.
        failed_tries: first control step of each try that came to nothing, and the step after its last.
    """

    first: int
    end: int
    instructions: tuple[str, ...]
    failed_tries: tuple[tuple[int, int], ...] = ()


class ClipMeta(Schema):
    """Which episode under which look.

    Attributes:
        episode: attempt number of the record.
        split: "heldout" if any of the things that are moved is.
        task: kind of task, e.g. "pick_and_place".
        instructions: wordings of the task, the template first.
        subtasks: what is done, in order.
        bodies: instance id in the id pictures by body name.
        disturbances: kinds of what was done to the episode on purpose, e.g. "displaced", in order.
        disturbed: first control step of each of these, and the step after its last.
    """

    episode: int
    look: Look
    split: Split
    task: str
    instructions: tuple[str, ...]
    subtasks: tuple[ClipSubTask, ...]
    bodies: dict[str, int]
    disturbances: tuple[str, ...] = ()
    disturbed: tuple[tuple[int, int], ...] = ()

    @property
    def not_to_imitate(self) -> tuple[tuple[int, int], ...]:
        """First and end of the control steps of tries that came to nothing, and of disturbances."""
        return (*(span for subtask in self.subtasks for span in subtask.failed_tries), *self.disturbed)


class BodyInFrame(Protocol):
    """Where one body is in one picture; `renderers.annotations.BodyAnnotation` is one.

    Attributes:
        box: x1, y1, x2, y2 of the visible pixels, half-open; None if nothing of it is visible.
        amodal_box: the same of the whole body, cut at the picture's border; None if it is outside.
        visible_fraction: visible pixels over those of the unoccluded body.
    """

    @property
    def instance_id(self) -> int:
        """The body's value in the id picture."""
        ...

    @property
    def box(self) -> Box | None:
        """Tight box."""
        ...

    @property
    def amodal_box(self) -> Box | None:
        """Box of the whole body."""
        ...

    @property
    def visible_pixels(self) -> int:
        """Number of pixels of the body."""
        ...

    @property
    def visible_fraction(self) -> float:
        """0..1."""
        ...


@dataclass(frozen=True)
class Motion:
    """The trajectory of a clip's episode, as `EpisodeRecord` holds it.

    Attributes:
        joint_position: (T + 1, J) rad.
        finger_position: (T + 1, G, 2) m.
        tcp_pose: (T + 1, G, 7) x, y, z, qw, qx, qy, qz.
        joint_command: (T, J) rad.
        gripper_command: (T, G) 1 open, 0 closed.
        phase: (T,) int8, `dataengine.record.Phase`.
    """

    joint_position: NDArray[np.float64]
    finger_position: NDArray[np.float64]
    tcp_pose: NDArray[np.float64]
    joint_command: NDArray[np.float64]
    gripper_command: NDArray[np.float64]
    phase: NDArray[np.int8]

    @classmethod
    def of(cls, record: EpisodeRecord) -> Motion:
        """The part of a record that goes into a shard."""
        return cls(**{column.name: getattr(record, column.name) for column in fields(cls)})

    @property
    def steps(self) -> int:
        """Number of commands, T."""
        return len(self.joint_command)


@dataclass(frozen=True)
class Guide:
    """What the hand is about to do in one picture. Rows are x, y in pixels, and 1 where it is hidden there, else 0.

    Hidden is what something stands before: of contacts anything, the target's own front too; of paths anything but the
    robot and the target, which will have moved.

    Attributes:
        contacts: (2, 3) where the fingers will touch the target; (0, 3) while no grasp is to be made.
        grasp_rectangle: (4, 3) corners of the grasp, as long as the fingers are apart when they touch and as broad as
            their pads: the edges 0-1 and 2-3 are those of the pads; (0, 3) while no grasp is to be made.
        gripper_trace: (N, 3) path of the TCP to the end of its present motion, from where it enters the picture to
            where it leaves it.
        object_trace: (N, 3) the same of the target's centre of mass; (0, 3) while it is not held.
    """

    contacts: NDArray[np.float64]
    grasp_rectangle: NDArray[np.float64]
    gripper_trace: NDArray[np.float64]
    object_trace: NDArray[np.float64]


@dataclass(frozen=True)
class Moment:
    """One row of a clip.

    Attributes:
        step: control step; the pictures show the state before its command.
        frames: by camera name, all cameras of the shard; ids and depth are stored where the frame has them.
        bodies: annotations by camera name; a camera may be left out.
        questions: about these frames.
        guides: what the hand is about to do, by camera name; a camera may be left out.
        layers: further pictures by camera name and channel: "normals" and "free_space".
    """

    step: int
    frames: Mapping[str, Frame]
    bodies: Mapping[str, Sequence[BodyInFrame]] = field(default_factory=dict)
    questions: Sequence[GroundingSample] = ()
    guides: Mapping[str, Guide] = field(default_factory=dict)
    layers: Mapping[str, Mapping[Layer, NDArray]] = field(default_factory=dict)


@dataclass(frozen=True)
class Clip:
    """A clip to be written; `moments` may be a generator, so that no more than one moment is held.

    Attributes:
        motion: None for a look that serves questions only.
    """

    meta: ClipMeta
    motion: Motion | None
    moments: Iterable[Moment]
