"""The configuration of a run: everything that its result depends on, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, field_validator, model_validator

from assets_index.robots import arm_names
from assets_index.schema import Schema
from dataengine.engine import EngineConfig
from dataengine.language.config import LanguageConfig
from dataengine.pipeline.quarantine import QuarantineConfig
from dataengine.questions.config import QuestionConfig
from renderers.backends import Backend, Quality
from renderers.camera_presets import DEFAULT_CAMERAS, AnyCamera, CameraPreset, camera_name
from renderers.look_axes import LookConfig
from scene_graph.tasks import TaskFile, read_task, with_extended


class RenderConfig(Schema):
    """How records become pictures.

    Attributes:
        looks: appearances of each record.
        cameras: presets (`{mount: front, model: d435}`), cameras written out, or `{file: PATH}`.
        width, height: of every camera's pictures, pixels.
        annotated_steps: moments of each clip for which ids, depth, boxes and questions are made.
        settle_steps: pictures of the arm at rest that are kept at the end of each clip.
        jpeg_quality: 1..100.
        keep_depth, keep_normals: whether shards hold depth and surface normals of annotated moments.
        keep_free_space: whether they hold where on the table there is room for the target, and where there is none.
    """

    backend: Backend = "auto"
    quality: Quality = "fast"
    looks: int = Field(default=1, ge=1)
    cameras: tuple[AnyCamera, ...] = Field(default=DEFAULT_CAMERAS, min_length=1)
    width: int = Field(default=224, ge=28)
    height: int = Field(default=224, ge=28)
    annotated_steps: int = Field(default=8, ge=0)
    settle_steps: int = Field(default=4, ge=0)
    jpeg_quality: int = Field(default=95, ge=1, le=100)
    keep_depth: bool = False
    keep_normals: bool = False
    keep_free_space: bool = False
    look: LookConfig = LookConfig()

    @field_validator("cameras")
    @classmethod
    def _check_names(cls, value: tuple[AnyCamera, ...]) -> tuple[AnyCamera, ...]:
        names = [camera_name(camera) for camera in value]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"two cameras are named {repeated[0]!r}: give each its own name")
        return value


class GroundConfig(Schema):
    """Pictures of layouts in which nothing is done, for questions alone: what `dataengine ground` makes.

    Backend, quality, looks and JPEG quality are those of `RenderConfig`.

    Attributes:
        layouts: wanted; attempts go on until there are as many.
        camera: the one that takes them, given as one of `RenderConfig.cameras`.
        width, height: of the pictures, pixels.
    """

    layouts: int = Field(default=256, ge=1)
    camera: AnyCamera = CameraPreset(mount="front")
    width: int = Field(default=640, ge=28)
    height: int = Field(default=480, ge=28)


class RunConfig(Schema):
    """A run.

    Attributes:
        episodes: accepted episodes wanted; attempts go on until there are as many.
        max_attempts_per_episode: the run ends in an error when attempts exceed this multiple of `episodes`.
        block_attempts: attempts in a block, the unit of work and of failure.
        quarantine: when an asset that keeps failing is not used any more in the run; None for never.
        keep_failures: whether attempts that failed after the arm had begun to move are kept whole, as negative data.
        library_instances: procedural assets a category that must be in the index.
        task: what is to be done: the name of a task that comes with the package, the path of a task file, or the keys
            of one, which may extend another. It is read once and kept as a whole. See `scene_graph.tasks`.
        ground: read by a run of layouts alone, which has no episodes.
    """

    seed: int = Field(default=0, ge=0)
    episodes: int = Field(default=32, ge=1)
    max_attempts_per_episode: int = Field(default=10, ge=1)
    block_attempts: int = Field(default=8, ge=1)
    quarantine: QuarantineConfig | None = QuarantineConfig()
    keep_failures: bool = False
    library_instances: int = Field(default=12, ge=1)
    task: TaskFile = Field(default_factory=lambda: read_task("pick_and_place"))
    engine: EngineConfig = EngineConfig()
    render: RenderConfig = RenderConfig()
    ground: GroundConfig = GroundConfig()
    questions: QuestionConfig = QuestionConfig()
    language: LanguageConfig = LanguageConfig()

    @field_validator("task", mode="before")
    @classmethod
    def _read_task(cls, value: object) -> object:
        """Take the task itself in the place of its name, so that a run's own configuration says all there is to say."""
        if isinstance(value, str):
            return read_task(value)
        return with_extended(value) if isinstance(value, Mapping) else value

    @model_validator(mode="after")
    def _check_cameras(self) -> RunConfig:
        names = arm_names(self.engine.robot)
        for camera in (*self.render.cameras, self.ground.camera):
            if camera.arm is not None and camera.arm not in names:
                there = f"the arms are {', '.join(names)}" if names else "there is only one arm, without a name"
                raise ValueError(f"camera {camera_name(camera)!r} is to be on arm {camera.arm!r}, but {there}")
        return self
