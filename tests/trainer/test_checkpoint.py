import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForImageTextToText, AutoTokenizer, Dinov2Model

from trainer.data.processor import Processor
from trainer.errors import UnusableCheckpoint
from trainer.model.initialize import initialize_base, initialize_tiny
from trainer.model.sizes import DIT, TINY
from trainer.model.st4vla import ST4VLA
from trainer.model.tokenizer import train_qwen_tokenizer


def act(model: ST4VLA, processor: Processor) -> torch.Tensor:
    pictures = {name: np.full((56, 56, 3), value, np.uint8) for name, value in (("front", 90), ("wrist", 160))}
    batch = processor.action_batch([processor.observe("put the block into the bowl", pictures, np.zeros(8))])
    noise = torch.randn(1, 16, 8, generator=torch.Generator().manual_seed(0))
    return model.sample_actions(batch, noise)


def test_a_saved_model_acts_as_before(model: ST4VLA, processor: Processor, tmp_path: Path):
    torch.manual_seed(0)
    torch.nn.init.normal_(model.action_expert.prediction.weight)  # otherwise it predicts zeros whatever it sees
    model.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    again = ST4VLA.from_pretrained(tmp_path)
    assert again.config == model.config
    reloaded = Processor.from_pretrained(tmp_path, again.config.observation)
    assert reloaded.statistics == processor.statistics
    assert torch.equal(act(again, reloaded), act(model, processor))


@torch.no_grad()
def test_bfloat16_changes_the_condition_little_and_leaves_the_expert(model: ST4VLA, processor: Processor):
    pictures = {name: np.random.default_rng(0).integers(0, 256, (56, 56, 3), np.uint8) for name in ("front", "wrist")}
    batch = processor.action_batch([processor.observe("Put it away.", pictures, np.zeros(8))])
    whole, half = model.condition(batch), model.in_bfloat16().condition(batch)
    assert half.dtype is torch.bfloat16
    assert (half - whole).norm() < 0.05 * whole.norm()
    assert model.sample_actions(batch, torch.zeros(1, 16, 8)).dtype is torch.float32


def test_the_parts_are_checkpoints_that_transformers_loads(start: Path, model: ST4VLA):
    planner = AutoModelForImageTextToText.from_pretrained(start / "planner")
    for name, value in model.planner.network.state_dict().items():
        assert torch.equal(planner.state_dict()[name], value)
    assert AutoTokenizer.from_pretrained(start / "planner").encode("<|im_end|>") == [
        planner.config.text_config.eos_token_id
    ]
    assert Dinov2Model.from_pretrained(start / "encoder").config.hidden_size == model.encoder.config.hidden_size


def test_published_weights_take_the_same_path(start: Path, tmp_path: Path, model: ST4VLA):
    initialize_base(tmp_path, start / "planner", start / "encoder")
    built = ST4VLA.from_pretrained(tmp_path)
    assert sum(parameter.numel() for parameter in built.action_expert.parameters()) > 86e6
    embedding = "planner.network.model.language_model.embed_tokens.weight"
    assert torch.equal(built.state_dict()[embedding], model.state_dict()[embedding])


def test_the_same_seed_makes_the_same_checkpoint(tmp_path: Path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        initialize_tiny(tmp_path / name, seed=seed)
    a, b, c = ((tmp_path / name / "model.safetensors").read_bytes() for name in "abc")
    assert a == b
    assert a != c
    assert (tmp_path / "a/planner/tokenizer.json").read_text() == (tmp_path / "b/planner/tokenizer.json").read_text()


@pytest.mark.parametrize("part", ["config.json", "model.safetensors", "planner"])
def test_a_missing_part_is_named(start: Path, tmp_path: Path, part: str):
    broken = shutil.copytree(start, tmp_path / "broken")
    shutil.rmtree(broken / part) if (broken / part).is_dir() else (broken / part).unlink()
    with pytest.raises(UnusableCheckpoint, match=part):
        ST4VLA.from_pretrained(broken)


def test_a_file_that_is_cut_off_is_named(start: Path, model: ST4VLA, tmp_path: Path):
    for part in ("vocabulary.json", "config.json"):
        broken = shutil.copytree(start, tmp_path / part)
        (broken / part).write_text('{"cut')
        with pytest.raises(UnusableCheckpoint, match=f"{part} cannot be read"):
            ST4VLA.from_pretrained(broken) and Processor.from_pretrained(broken, model.config.observation)


def test_acting_needs_statistics(start: Path, model: ST4VLA):
    untrained = Processor.from_pretrained(start, model.config.observation)
    with pytest.raises(UnusableCheckpoint, match="not trained on actions"):
        untrained.restore_actions(np.zeros(8))


@pytest.mark.parametrize("part", [".", "planner", "encoder"])
def test_tensors_that_are_missing_or_too_many_are_named(start: Path, tmp_path: Path, part: str):
    broken = shutil.copytree(start, tmp_path / "broken")
    path = broken / part / "model.safetensors"
    tensors = load_file(path)
    name = sorted(tensors)[-1]
    save_file({key: value for key, value in tensors.items() if key != name}, path, metadata={"format": "pt"})
    with pytest.raises(UnusableCheckpoint, match=f"lacks the tensor .*{name}"):
        ST4VLA.from_pretrained(broken)
    save_file({**tensors, "head.weight": torch.zeros(2)}, path, metadata={"format": "pt"})
    with pytest.raises(UnusableCheckpoint, match=r"the model does not, the tensor head\.weight"):
        ST4VLA.from_pretrained(broken)
    save_file({**tensors, name: torch.zeros(2, 3)}, path, metadata={"format": "pt"})
    with pytest.raises(UnusableCheckpoint, match=rf"{name}.*2, 3"):
        ST4VLA.from_pretrained(broken)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(UnusableCheckpoint):
        ST4VLA.from_pretrained(broken)


def test_another_tokenizer_is_refused(start: Path, model: ST4VLA, tmp_path: Path):
    other = shutil.copytree(start, tmp_path / "other")
    train_qwen_tokenizer(["quite other words, many other words"] * 2, 1024).save_pretrained(other / "planner")
    with pytest.raises(UnusableCheckpoint, match="another tokenizer"):
        Processor.from_pretrained(other, model.config.observation)
    with pytest.raises(UnusableCheckpoint, match="its tokenizer's image token is"):
        initialize_base(tmp_path / "out", other / "planner", start / "encoder")


def test_what_is_no_planner_or_no_encoder_is_refused(start: Path, tmp_path: Path):
    with pytest.raises(UnusableCheckpoint, match="'dinov2' cannot be a planner, only qwen2_5_vl, florence2"):
        initialize_base(tmp_path, start / "encoder", start / "encoder")
    with pytest.raises(UnusableCheckpoint, match="no model is here"):
        initialize_base(tmp_path, tmp_path / "absent", start / "encoder")
    with pytest.raises(UnusableCheckpoint, match="'qwen2_5_vl' cannot be the encoder, only dinov2"):
        initialize_base(tmp_path, start / "planner", start / "planner")
    bare = shutil.copytree(start / "planner", tmp_path / "bare")
    (bare / "preprocessor_config.json").unlink()
    with pytest.raises(UnusableCheckpoint, match=r"bare: no preprocessor_config\.json can be read"):
        initialize_base(tmp_path, bare, start / "encoder")


def test_weights_can_be_drawn_from_configurations_alone(start: Path, tmp_path: Path):
    planner = shutil.copytree(start / "planner", tmp_path / "planner")
    (planner / "model.safetensors").unlink()
    config = TINY.model_copy(update={"action_expert": DIT["S"]})
    initialize_base(tmp_path / "out", planner, start / "encoder", config=config, random_weights=True)
    built = ST4VLA.from_pretrained(tmp_path / "out")
    assert built.config == config
    embedding = "model.language_model.embed_tokens.weight"
    assert built.planner.network.state_dict()[embedding].std() > 0
