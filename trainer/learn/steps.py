"""The commands of the learning test: what a user would type, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trainer.demo.step import Step, episodes, grounding, policy, training

HERE = Path(__file__).parent
EPISODES, LAYOUTS = HERE / "episodes.yaml", HERE / "layouts.yaml"

# The same task and the same things, other layouts.
HELDOUT_SEED = ("--seed", "1000")
TRIALS, HELDOUT_LAYOUTS, PER_KIND = 20, 100, 200

# An episode takes about 40 control steps, five a second; its goal then has to last for 20.
TRIAL_STEPS = "70"
CLOSED_LOOP = ("--trials", str(TRIALS), "--max-steps", TRIAL_STEPS, "--replan-every", "1")

MEASURED = ("log.questions=32", "log.gradients=32")
STAGE1 = ("steps=900", "log.every=300", *MEASURED)
STAGE2 = (
    *("steps=1400", "action.statistics=mean_std"),
    *("log.every=700", "log.trials=4", f"log.trial_steps={TRIAL_STEPS}", *MEASURED),
)


@dataclass(frozen=True)
class Contender:
    """One recipe of the comparison.

    Attributes:
        name: of the folder of its model and of its report.
        title: as the paper calls it.
        recipe: a shipped one.
        after_stage1: whether it starts from the grounded model; the others start from random weights.
    """

    name: str
    title: str
    recipe: str
    after_stage1: bool = False


CONTENDERS = (
    Contender("vanilla", "vanilla", "tiny_vanilla"),
    Contender("cotraining", "vanilla co-training", "tiny_vanilla_cotraining"),
    Contender("prompting", "+ spatial prompting", "tiny_spatially_guided"),
    Contender("guided", "+ spatial pre-training", "tiny_spatially_guided", after_stage1=True),
)


@dataclass(frozen=True)
class Places:
    """Where everything of a learning test lies."""

    out: Path

    @property
    def episodes(self) -> Path:
        """The run that the policies are trained on."""
        return self.out / "episodes"

    @property
    def unseen_episodes(self) -> Path:
        """The run whose scenes they are tried on."""
        return self.out / "episodes_unseen"

    @property
    def layouts(self) -> Path:
        """What stage 1 is trained on."""
        return self.out / "layouts"

    @property
    def unseen_layouts(self) -> Path:
        """What it is asked about."""
        return self.out / "layouts_unseen"

    def training(self, name: str) -> Path:
        """Metrics and model of a stage or contender."""
        return self.out / "models" / name

    @property
    def grounding(self) -> Path:
        """What stage 1 answered."""
        return self.out / "grounding.json"

    def trials(self, name: str) -> Path:
        """What a contender achieved."""
        return self.out / f"policy-{name}.json"

    def films(self, name: str) -> Path:
        """Films of a contender's trials."""
        return self.out / "films" / name


def learning_steps(out: Path, workers: int) -> list[Step]:
    """All steps of the learning test in `out`, but for the report."""
    places = Places(out)
    start, stage1 = out / "models" / "start", places.training("stage1")
    return [
        *episodes(places.episodes, EPISODES, "training episodes", workers),
        *episodes(
            places.unseen_episodes, EPISODES, "unseen episodes", workers, *HELDOUT_SEED, "--episodes", str(TRIALS)
        ),
        _layouts("Layouts to ask about", places.layouts, workers),
        _layouts("Unseen layouts", places.unseen_layouts, workers, *HELDOUT_SEED, "--layouts", str(HELDOUT_LAYOUTS)),
        Step(
            "Make a tiny model with random weights",
            ("trainer", "init", "--size", "tiny", "--data", str(places.episodes), "--out", str(start)),
            product=start,
        ),
        training(
            "Stage 1: spatial grounding",
            "tiny_grounding",
            start,
            places.layouts,
            stage1,
            heldout=places.unseen_layouts,
            changes=STAGE1,
        ),
        grounding(
            "Ask stage 1 about unseen layouts",
            stage1 / "model",
            places.unseen_layouts,
            places.layouts,
            PER_KIND,
            places.grounding,
        ),
        *(step for contender in CONTENDERS for step in _contest(contender, places, start, stage1 / "model")),
    ]


def _layouts(title: str, run: Path, workers: int, *options: str) -> Step:
    command = ("dataengine", "ground", str(run), "--config", str(LAYOUTS), *options, "--workers", str(workers))
    return Step(title, command)


def _contest(contender: Contender, places: Places, start: Path, grounded: Path) -> list[Step]:
    """Train one contender, and try it on unseen layouts."""
    out, begin = places.training(contender.name), grounded if contender.after_stage1 else start
    return [
        training(
            f"Stage 2: {contender.title}",
            contender.recipe,
            begin,
            places.episodes,
            out,
            heldout=places.unseen_episodes,
            changes=STAGE2,
        ),
        policy(
            f"Let it act on unseen layouts: {contender.title}",
            out / "model",
            places.unseen_episodes,
            places.trials(contender.name),
            *CLOSED_LOOP,
            *("--films", str(places.films(contender.name)), "--film-all"),
        ),
    ]
