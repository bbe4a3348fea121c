"""The commands of the demo: what a user would type, in this order."""

from __future__ import annotations

from pathlib import Path

from trainer.demo.step import Step, check, episodes, grounding, policy, training

HERE = Path(__file__).parent

# An episode takes about a hundred control steps.
TRIALS, TRIAL_STEPS = "4", "150"
PER_KIND = 60

HELDOUT, MODELS = "heldout", "models"


def demo_steps(out: Path, workers: int) -> list[Step]:
    """All steps that make `out`, a run with everything that follows from it; the last one writes the report."""
    heldout, models = out / HELDOUT, out / MODELS
    start, first, second = models / "start", models / "stage1", models / "stage2"
    return [
        *episodes(out, HERE / "train.yaml", "training scenes", workers),
        check(out, "training scenes"),
        *episodes(heldout, HERE / "heldout.yaml", "held-out scenes", workers),
        check(heldout, "held-out scenes"),
        Step(
            "Make a tiny model with random weights",
            ("trainer", "init", "--size", "tiny", "--data", str(out), "--out", str(start)),
            product=start,
        ),
        training("Stage 1: spatial grounding", "tiny_grounding", start, out, first),
        training("Stage 2: spatially guided actions", "tiny_spatially_guided", first / "model", out, second),
        *(
            grounding(
                f"Ask {stage.name} held-out questions",
                stage / "model",
                heldout,
                out,
                PER_KIND,
                out / f"grounding-{stage.name}.json",
            )
            for stage in (first, second)
        ),
        policy(
            "Let the policy act in the engine, on scenes it was not trained on",
            second / "model",
            heldout,
            out / "policy.json",
            *("--trials", TRIALS, "--max-steps", TRIAL_STEPS, "--films", str(out / "films"), "--film-all"),
        ),
        Step("Write the report", ("trainer", "report", str(out)), timed=False),
    ]
