"""What ST4VLA asks of a vision-language model. A further one is a module like `qwen.py`, named in `families.py`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from torch import Tensor, nn

from dataengine.questions.resizing import Resizing
from trainer.data.batches import GroundingBatch, Inputs, PlannerInputs
from trainer.data.images import Rgb

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

IGNORED_LABEL = -100

Turn = TypeVar("Turn")


class PlannerProcessor(ABC, Generic[Turn]):
    """From pictures and words to what a planner takes, and from its tokens back to words. Can be pickled."""

    tokenizer: PreTrainedTokenizerBase

    @property
    @abstractmethod
    def stop(self) -> int:
        """The token that ends an answer."""

    @property
    @abstractmethod
    def image_token(self) -> int:
        """The token that stands for a place in a picture."""

    @abstractmethod
    def encode(self, pictures: Sequence[Rgb], questions: Sequence[tuple[str, str | None]]) -> Turn:
        """Questions about the same pictures (H, W, 3), each with its answer or None; they do not see each other."""

    def continued(self, said: Sequence[tuple[str, str]], question: str) -> str:
        """A question that comes after others with their answers, as one question."""
        return "\n".join([*(text for exchange in said for text in exchange), question])

    @abstractmethod
    def collate(self, turns: Sequence[Turn]) -> tuple[PlannerInputs, Tensor]:
        """A batch for training, and its labels, -100 where nothing is supervised."""

    def pack(self, turns: Sequence[Turn], row_tokens: int) -> tuple[PlannerInputs, Tensor]:
        """The same with turns that share rows of up to `row_tokens`, without seeing each other, where a planner can."""
        del row_tokens
        return self.collate(turns)

    @abstractmethod
    def prompts(self, turns: Sequence[Turn]) -> PlannerInputs:
        """A batch for generating, of turns with one question each."""

    @abstractmethod
    def decode(self, tokens: Tensor) -> list[str]:
        """The answers in generated tokens (B, L)."""

    @abstractmethod
    def resizing(self, height: int, width: int) -> Resizing:
        """From a picture to the pixels in which this planner reads and writes coordinates."""

    @abstractmethod
    def save_pretrained(self, directory: Path) -> None:
        """Write tokenizer and picture settings beside the planner's weights."""

    @classmethod
    @abstractmethod
    def from_pretrained(cls, source: str | Path) -> Self:
        """Read them from a folder, or from the hub."""


class Planner(nn.Module, ABC, Generic[Inputs]):
    """A vision-language model that conditions the action expert and answers questions.

    Attributes:
        network: the model of transformers, as it is saved.
    """

    def __init__(self, network: PreTrainedModel) -> None:
        super().__init__()
        self.network = network

    @staticmethod
    @abstractmethod
    def network_class() -> Any:
        """The class of the network; imported here, since workers that only read data take twice as long with it."""

    @property
    def width(self) -> int:
        """Size of a hidden state."""
        return self.network.config.text_config.hidden_size

    @abstractmethod
    def hidden_states(self, inputs: Inputs, layers: Sequence[int] = (-1,)) -> list[Tensor]:
        """Hidden states (B, L, width) of the chosen layers: 0 is the embedding, i the output of layer i, -1 the end."""

    @abstractmethod
    def answer_loss(self, batch: GroundingBatch[Inputs]) -> Tensor:
        """Mean cross-entropy over the supervised tokens."""

    @abstractmethod
    def generate(self, inputs: Inputs, *, stop: int, max_tokens: int) -> Tensor:
        """Greedy answers (B, <= max_tokens), filled up with the stop token."""

    @abstractmethod
    def only_answering(self, layers: Sequence[int]) -> list[nn.Module]:
        """The parts that play no role in the hidden states of these layers."""

    @property
    @abstractmethod
    def last_query_projection(self) -> nn.Parameter:
        """Weights of the query projection in the last layer whose states can condition the action expert."""
