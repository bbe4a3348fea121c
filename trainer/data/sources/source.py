"""What a run is trained or judged on, as a recipe or a file of sources names it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from assets_index.errors import InvalidConfig
from assets_index.schema import Schema, read_yaml
from dataengine.actions import ActionSpec
from trainer.data.sources.coordinates import Unit

Form = Literal["shards", "conversations", "lerobot"]


class ConversationForm(Schema):
    """How conversations are to be read.

    Attributes:
        images: folder that their paths of pictures and masks start from; None is the folder of the file.
        coordinates: unit of the coordinates in questions and answers; None where there are none.
        dialogue: whether a question may depend on what was said before it in its row, and so comes after all of that.
    """

    images: str | None = None
    coordinates: Unit | None = None
    dialogue: bool = False


class LeRobotMapping(Schema):
    """What the features of a LeRobot dataset mean.

    Attributes:
        spec: the actions that come out: names, units, grippers, rate and chunk. It has to be the checkpoint's.
        cameras: feature of each camera, by the name that the checkpoint knows it by.
        action, state: features that are read.
        columns, state_columns: entries of these features that are taken, in the order of `spec.names`; None takes all.
        factors, state_factors: what each of them is multiplied by, to come to the unit of `spec`; None is 1.
        absolute: whether the action says where to be. The state, which then has to have the same entries, is subtracted
            but for grippers.
        gripper: the action's values for closed and open, which become 0 and 1.
    """

    spec: ActionSpec
    cameras: dict[str, str]
    action: str = "action"
    state: str = "observation.state"
    columns: tuple[int, ...] | None = None
    state_columns: tuple[int, ...] | None = None
    factors: tuple[float, ...] | None = None
    state_factors: tuple[float, ...] | None = None
    absolute: bool = False
    gripper: tuple[float, float] = (0.0, 1.0)


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class Source(Schema):
    """Some data, and how often they are drawn.

    Attributes:
        data: paths; of shards also URLs. Several runs or shards together are one source.
        weight: how often this source is drawn, relative to the others of the same stream.
        form: None recognizes it: `.json` and `.jsonl` are conversations, a folder with `meta/info.json` is a LeRobot
            dataset, everything else shards.
        use: only the questions of shards, or only their actions; None uses both.
    """

    data: Annotated[tuple[str, ...], BeforeValidator(_several), Field(min_length=1)]
    weight: float = Field(default=1.0, gt=0.0)
    form: Form | None = None
    use: Literal["questions", "actions"] | None = None
    conversations: ConversationForm = ConversationForm()
    lerobot: LeRobotMapping | None = None

    @property
    def resolved_form(self) -> Form:
        """The form, recognized if need be."""
        return self.form or _recognized(self.data[0])


class SourceList(Schema):
    """A file of sources."""

    sources: tuple[Source, ...] = Field(min_length=1)


def named_sources(data: Sequence[str]) -> tuple[Source, ...]:
    """The sources that `--data` names: files of sources, and data themselves; all shards together are one source.

    Raises:
        InvalidConfig: if a file of sources cannot be read.
    """
    found: list[Source] = []
    shards = []
    for item in data:
        if item.endswith((".yaml", ".yml")):
            found += read_yaml(Path(item), SourceList).sources
        elif _recognized(item) == "shards":
            shards.append(item)
        else:
            found.append(Source(data=(item,)))
    together = [Source(data=tuple(shards))] if shards else []
    return (*together, *found)


def _recognized(path: str) -> Form:
    if path.endswith((".json", ".jsonl")):
        return "conversations"
    return "lerobot" if (Path(path) / "meta" / "info.json").is_file() else "shards"


def only_path(source: Source) -> Path:
    """The path of a source that cannot have several.

    Raises:
        InvalidConfig: if it has.
    """
    if len(source.data) > 1:
        raise InvalidConfig(f"{source.data[1]}: {source.resolved_form} are one source each, with a weight of its own")
    return Path(source.data[0])
