"""ST4VLA: a planner that grounds, and an action expert that it conditions (paper 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import Dinov2Model

from assets_index.schema import validate
from trainer.data.batches import ActionBatch, GroundingBatch
from trainer.errors import UnusableCheckpoint
from trainer.json_files import read_json
from trainer.model.action_expert import ActionExpert
from trainer.model.config import ST4VLAConfig
from trainer.model.gradient_decay import decay_gradient
from trainer.model.querying_transformer import QueryingTransformer
from trainer.model.weights import check_shapes, check_whole, load_network, read_network_config
from trainer.planners.families import family_of
from trainer.planners.interface import Planner

PLANNER, ENCODER = "planner", "encoder"
CONFIG, WEIGHTS = "config.json", "model.safetensors"


@dataclass(frozen=True)
class Losses:
    """Scalars; None for a stream that had no batch."""

    grounding: Tensor | None
    action: Tensor | None


class ST4VLA(nn.Module):
    """The whole model. Both objectives go through one `forward`, so that one wrapper (DDP, compile) sees both.

    Example:
        model = ST4VLA.from_pretrained("runs/demo/model")
        losses = model(grounding_batch, action_batch)
        (losses.action + 0.1 * losses.grounding).backward()
    """

    def __init__(self, config: ST4VLAConfig, planner: Planner[Any], encoder: Dinov2Model) -> None:
        super().__init__()
        self.config = config
        self.planner = planner
        self.encoder = encoder
        self.encoder_projection = nn.Linear(encoder.config.hidden_size, planner.width)
        self.querying_transformer = QueryingTransformer(config.querying_transformer, planner.width)
        self.action_expert = ActionExpert(config)

    def forward(self, grounding: GroundingBatch | None, action: ActionBatch | None) -> Losses:
        """Next-token loss of the answers and denoising loss of the actions."""
        return Losses(
            grounding=None if grounding is None else self.planner.answer_loss(grounding),
            action=None if action is None else self.action_loss(action),
        )

    def condition(self, batch: ActionBatch) -> Tensor:
        """Condition tokens of the action expert, (B, Q, W), from planner states and second-encoder patches."""
        config = self.config.querying_transformer
        states = self.planner.hidden_states(batch.inputs, config.layers)
        patches = self.encode_views(batch.views)
        contexts = [torch.cat([decay_gradient(s, config.gradient_decay), patches.to(s.dtype)], 1) for s in states]
        mask = torch.cat([batch.inputs.attention_mask.bool(), patches.new_ones(patches.shape[:2]).bool()], 1)
        return self.querying_transformer(contexts, mask)

    def encode_views(self, views: Tensor) -> Tensor:
        """Patch tokens of all views in the planner's width, (B, V * patches, D), from (B, V, 3, H, W)."""
        pixels = views.flatten(0, 1).to(self.encoder.dtype)
        tokens = self.encoder(pixel_values=pixels).last_hidden_state[:, 1:]  # the first is the CLS token
        return self.encoder_projection(tokens).reshape(len(views), -1, self.encoder_projection.out_features)

    def action_loss(self, batch: ActionBatch) -> Tensor:
        """Denoising loss of a batch that has actions; the action expert computes in float32."""
        assert batch.actions is not None, "a batch for training has actions"
        assert batch.valid is not None, "and says which are real"
        condition = self.condition(batch).float()
        with torch.autocast(condition.device.type, enabled=False):
            return self.action_expert.loss(batch.actions, batch.valid, condition, batch.state)

    @torch.no_grad()
    def sample_actions(self, batch: ActionBatch, noise: Tensor) -> Tensor:
        """Chunks of normalized actions (B, T, A) from standard normal `noise` of that shape."""
        condition = self.condition(batch).float()
        with torch.autocast(condition.device.type, enabled=False):
            return self.action_expert.sample(condition, noise, batch.state)

    def in_bfloat16(self) -> Self:
        """The same model for acting: all in bfloat16, as in training on a GPU, but for the action expert."""
        for part in (self.planner, self.encoder, self.encoder_projection, self.querying_transformer):
            part.to(torch.bfloat16)
        return self

    def save_pretrained(self, directory: Path, weights: Mapping[str, Tensor] | None = None) -> None:
        """Write configuration and weights; `planner/` and `encoder/` are directories transformers can load alone.

        Args:
            directory: made if need be.
            weights: the whole state dict, where this process holds only a shard of it; None takes the model's own.
        """
        directory.mkdir(parents=True, exist_ok=True)
        weights = self.state_dict() if weights is None else weights
        for folder, network, prefix in (
            (PLANNER, self.planner.network, f"{PLANNER}.network."),
            (ENCODER, self.encoder, f"{ENCODER}."),
        ):
            network.save_pretrained(directory / folder, state_dict=_below(prefix, weights))
        own = {name: value.contiguous() for name, value in weights.items() if not _is_pretrained(name)}
        save_file(own, directory / WEIGHTS, metadata={"format": "pt"})
        (directory / CONFIG).write_text(self.config.model_dump_json(indent=2) + "\n", encoding="utf-8")

    @classmethod
    def from_pretrained(cls, directory: Path | str) -> ST4VLA:
        """Read what `save_pretrained` wrote.

        Raises:
            UnusableCheckpoint: if a part is missing or does not fit the configuration.
        """
        directory = Path(directory)
        config = read_config(directory)
        planner, encoder = directory / PLANNER, directory / ENCODER
        model = cls(config, load_planner(planner), load_network(Dinov2Model, encoder))
        try:
            own = load_file(directory / WEIGHTS)
        except SafetensorError as error:
            raise UnusableCheckpoint(f"{directory / WEIGHTS}: {' '.join(str(error).split())}") from error
        check_shapes(str(directory / WEIGHTS), own, model.state_dict())
        missing, unexpected = model.load_state_dict(own, strict=False)
        check_whole(str(directory / WEIGHTS), [name for name in missing if not _is_pretrained(name)], unexpected)
        return model.eval()


def load_planner(source: str | Path) -> Planner[Any]:
    """The planner in a folder or on the hub, of any known family; raises UnusableCheckpoint."""
    family = family_of(read_network_config(source).model_type, source)
    return family.planner(load_network(family.planner.network_class(), source))


def read_config(directory: Path) -> ST4VLAConfig:
    """The configuration of a checkpoint; raises UnusableCheckpoint if it is none."""
    path = directory / CONFIG
    for part in (CONFIG, WEIGHTS, PLANNER, ENCODER):
        if not (directory / part).exists():
            raise UnusableCheckpoint(f"{directory} is not a checkpoint: {part} is missing; see `trainer init`")
    return validate(read_json(path), ST4VLAConfig, str(path))


def _below(prefix: str, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The entries whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def _is_pretrained(name: str) -> bool:
    """Whether a parameter belongs to a part that is saved as a directory of its own."""
    return name.startswith((f"{PLANNER}.", f"{ENCODER}."))
