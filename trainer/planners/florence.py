"""Florence-2 as the planner (paper C.3): an encoder over pictures and question, a decoder for answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ConfigDict
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoTokenizer, PreTrainedTokenizerBase
from transformers.modeling_outputs import BaseModelOutput

from assets_index.errors import InvalidConfig
from assets_index.schema import Schema, validate
from dataengine.questions.resizing import Resizing
from trainer.data.batches import GroundingBatch, PlannerInputs
from trainer.data.images import Rgb, normalized, normalized_levels, resized
from trainer.errors import TooManyTokens
from trainer.planners.interface import IGNORED_LABEL, Planner, PlannerProcessor
from trainer.planners.preprocessor import PREPROCESSOR, read_preprocessor, write_preprocessor

IMAGE_TOKEN = "<image>"
LOCATIONS = 1000

# Pixels per token along a side: the product of the vision tower's four strides.
_STRIDE = 32

_COORDINATE = re.compile(r'(?<=[\[,])\d+(?=[\],])|(?<=")\d+(?=")')
_LOCATION = re.compile(r"<loc_(\d+)>")


class PictureSize(Schema):
    """What every picture is resized to, pixels; any multiple of 32 will do."""

    height: int = 768
    width: int = 768


class FlorenceImages(Schema):
    """How Florence-2's processor prepares a picture, as its `preprocessor_config.json` says."""

    # The file of a published model has more keys than these (names of classes, switches that are all on).
    model_config = ConfigDict(frozen=True, extra="ignore")

    size: PictureSize = PictureSize()
    image_mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    image_std: tuple[float, float, float] = (0.229, 0.224, 0.225)

    @property
    def tokens(self) -> int:
        """Planner tokens of a picture: one for each place, and their mean."""
        return -(-self.size.height // _STRIDE) * -(-self.size.width // _STRIDE) + 1

    @cached_property
    def _levels(self) -> NDArray[np.float32]:
        return normalized_levels(self.image_mean, self.image_std)

    def planes(self, image: Rgb) -> NDArray[np.float32]:
        """An image (H, W, 3) as the vision tower takes it, (3, height, width)."""
        return normalized(resized(image, self.size.height, self.size.width), self._levels)


@dataclass(frozen=True)
class FlorenceInputs(PlannerInputs):
    """Prompts with pictures. R rows, one for each question; N pictures in the batch, each encoded once.

    Attributes:
        pixel_values: (N, 3, H, W) float32.
        pictures: (R, n) int64, which pictures stand before each prompt.
    """

    pixel_values: Tensor
    pictures: Tensor


@dataclass(frozen=True)
class FlorenceTurn:
    """Pictures with questions about them.

    Attributes:
        planes: (n, 3, H, W). prompts: token ids of each question behind the pictures. answers: empty if unknown.
    """

    planes: NDArray[np.float32]
    prompts: tuple[tuple[int, ...], ...]
    answers: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class FlorenceProcessor(PlannerProcessor[FlorenceTurn]):
    """Florence-2's prompts; coordinates are its location tokens, thousandths of width and height."""

    tokenizer: PreTrainedTokenizerBase
    images: FlorenceImages

    @property
    def stop(self) -> int:
        """The end of a sequence."""
        return self.tokenizer.eos_token_id

    @property
    def image_token(self) -> int:
        """The token that stands for a place in a picture."""
        return self.tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)

    def encode(self, pictures: Sequence[Rgb], questions: Sequence[tuple[str, str | None]]) -> FlorenceTurn:
        """A sequence for each question; the pictures are kept once."""
        places = (self.image_token,) * (self.images.tokens * len(pictures))
        return FlorenceTurn(
            planes=np.stack([self.images.planes(picture) for picture in pictures]),
            prompts=tuple((*places, *self._sequence(question)) for question, _ in questions),
            answers=tuple(() if answer is None else self._sequence(with_locations(answer)) for _, answer in questions),
        )

    def collate(self, turns: Sequence[FlorenceTurn]) -> tuple[FlorenceInputs, Tensor]:
        """A row for each question; labels (R, A) are what the decoder says."""
        prompts = [prompt for turn in turns for prompt in turn.prompts]
        answers = [answer for turn in turns for answer in turn.answers]
        ids, mask = _padded(prompts, self.tokenizer.pad_token_id)
        labels, _ = _padded(answers, IGNORED_LABEL)
        if len({len(turn.planes) for turn in turns}) > 1:
            raise InvalidConfig(
                "Florence-2 takes as many pictures in every row of a batch: set grounding.pictures to 1, "
                "or leave out rows with several pictures"
            )
        pictures, first = [], 0
        for turn in turns:
            pictures += [range(first, first + len(turn.planes))] * len(turn.prompts)
            first += len(turn.planes)
        inputs = FlorenceInputs(
            input_ids=ids,
            attention_mask=mask,
            pixel_values=torch.from_numpy(np.concatenate([turn.planes for turn in turns])),
            pictures=torch.tensor(pictures),
        )
        return inputs, labels

    def prompts(self, turns: Sequence[FlorenceTurn]) -> FlorenceInputs:
        """The same rows as for training; the decoder starts on its own."""
        return self.collate(turns)[0]

    def decode(self, tokens: Tensor) -> list[str]:
        """Text with numbers in place of location tokens, which count as special in published tokenizers."""
        frame = {self.tokenizer.bos_token_id, self.tokenizer.eos_token_id, self.tokenizer.pad_token_id}
        rows = [[token for token in row if token not in frame] for row in tokens.tolist()]
        return [without_locations(text) for text in self.tokenizer.batch_decode(rows)]

    def resizing(self, height: int, width: int) -> Resizing:
        """Coordinates are thousandths of the sides, whatever the size."""
        return Resizing((height, width), (LOCATIONS, LOCATIONS))

    def save_pretrained(self, directory: Path) -> None:
        """Write tokenizer and a `preprocessor_config.json` that transformers' image processor reads as well."""
        self.tokenizer.save_pretrained(directory)
        data = self.images.model_dump() | {
            "image_processor_type": "CLIPImageProcessor",
            "image_seq_length": self.images.tokens,
            "resample": 3,
            "do_center_crop": False,
        }
        write_preprocessor(directory, data)

    @classmethod
    def from_pretrained(cls, source: str | Path) -> Self:
        """Read tokenizer and `preprocessor_config.json`."""
        images = validate(read_preprocessor(source), FlorenceImages, f"{source}/{PREPROCESSOR}")
        return cls(AutoTokenizer.from_pretrained(source), images)

    def _sequence(self, text: str) -> tuple[int, ...]:
        tokenizer = self.tokenizer
        return (tokenizer.bos_token_id, *tokenizer.encode(text, add_special_tokens=False), tokenizer.eos_token_id)


def with_locations(answer: str) -> str:
    """An answer whose coordinates are location tokens: `[12,7]` becomes `[<loc_12>,<loc_7>]`."""
    return _COORDINATE.sub(lambda number: f"<loc_{min(int(number[0]), LOCATIONS - 1)}>", answer)


def without_locations(text: str) -> str:
    """The inverse of `with_locations`."""
    return _LOCATION.sub(r"\1", text)


def _padded(rows: Sequence[Sequence[int]], filling: int) -> tuple[Tensor, Tensor]:
    """Rows of tokens as one (R, L) tensor, padded on the right, and which of them are real."""
    length = max(len(row) for row in rows)
    ids = torch.tensor([[*row, *[filling] * (length - len(row))] for row in rows], dtype=torch.int64)
    lengths = torch.tensor([len(row) for row in rows])
    return ids, (torch.arange(length) < lengths[:, None]).long()


class FlorencePlanner(Planner[FlorenceInputs]):
    """Encoder-decoder: the encoder's hidden states condition the action expert, the decoder answers."""

    @staticmethod
    def network_class() -> Any:
        """`Florence2ForConditionalGeneration`."""
        from transformers import Florence2ForConditionalGeneration

        return Florence2ForConditionalGeneration

    def hidden_states(self, inputs: FlorenceInputs, layers: Sequence[int] = (-1,)) -> list[Tensor]:
        """Hidden states (R, L, width) of the encoder."""
        output = self._encode(inputs, all_layers=set(layers) != {-1})
        return [output.last_hidden_state if layer == -1 else output.hidden_states[layer] for layer in layers]

    def answer_loss(self, batch: GroundingBatch[FlorenceInputs]) -> Tensor:
        """Mean cross-entropy over the answers' tokens."""
        labels, text = batch.labels, self.network.config.text_config
        said = labels.roll(1, 1).masked_fill(labels.roll(1, 1) == IGNORED_LABEL, text.pad_token_id)
        said[:, 0] = text.decoder_start_token_id
        states = self.network.model.language_model.decoder(
            input_ids=said,
            encoder_hidden_states=self._encode(batch.inputs).last_hidden_state,
            encoder_attention_mask=batch.inputs.attention_mask,
            use_cache=False,
        ).last_hidden_state
        supervised = labels != IGNORED_LABEL
        logits = self.network.lm_head(states[supervised])
        return functional.cross_entropy(logits.float(), labels[supervised])

    @torch.no_grad()
    def generate(self, inputs: FlorenceInputs, *, stop: int, max_tokens: int) -> Tensor:
        """Greedy decoding; published configurations ask for beams and against repetition, which coordinates need."""
        tokens = self.network.generate(
            encoder_outputs=BaseModelOutput(last_hidden_state=self._encode(inputs).last_hidden_state),
            attention_mask=inputs.attention_mask,
            max_new_tokens=max_tokens,
            do_sample=False,
            num_beams=1,
            no_repeat_ngram_size=0,
            eos_token_id=stop,
            pad_token_id=stop,
        )
        return tokens[:, 1:]

    def only_answering(self, layers: Sequence[int]) -> list[nn.Module]:
        """The decoder without its embedding, which is also the encoder's, and the layers that nobody looks at."""
        encoder, decoder = self.network.model.language_model.encoder, self.network.model.language_model.decoder
        count = len(encoder.layers)
        highest = max(layer % (count + 1) for layer in layers)
        return [decoder.layers, decoder.embed_positions, decoder.layernorm_embedding, *encoder.layers[highest:]]

    @property
    def last_query_projection(self) -> nn.Parameter:
        """Of the encoder's last layer."""
        return self.network.model.language_model.encoder.layers[-1].self_attn.q_proj.weight

    def _encode(self, inputs: FlorenceInputs, *, all_layers: bool = False) -> BaseModelOutput:
        model, config = self.network.model, self.network.config
        limit = config.text_config.max_position_embeddings
        if inputs.input_ids.shape[1] > limit:
            raise TooManyTokens(
                f"pictures and words take {inputs.input_ids.shape[1]} tokens, this Florence-2 reads {limit}: "
                f"use fewer planner cameras, or a smaller `size` in its {PREPROCESSOR}"
            )
        features = model.get_image_features(inputs.pixel_values).pooler_output[inputs.pictures]
        words = self.network.get_input_embeddings()(inputs.input_ids)
        places = (inputs.input_ids == config.image_token_id)[..., None]
        return model.language_model.encoder(
            inputs_embeds=words.masked_scatter(places, features.to(words.dtype)),
            attention_mask=inputs.attention_mask,
            output_hidden_states=all_layers,
        )
