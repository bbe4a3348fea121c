"""A policy in the engine that made its data: observe, act, and let the goal's own relations judge (paper D.2)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from assets_index.index import AssetIndex
from assets_index.schema import Schema
from dataengine.physics.errors import UnstablePhysics
from dataengine.physics.simulation import Simulation
from renderers.frame import Renderer
from scene_graph.judge import judge_goal
from trainer.data.images import Rgb
from trainer.evaluate.ensembling import TemporalEnsemble
from trainer.evaluate.rates import Rate
from trainer.evaluate.trials import Trial, TrialScene

HELD = 1e-3
"""Gripper force on the target, newtons, below which it has been let go."""


class Acting(Protocol):
    """What can be tried: `trainer.evaluate.policy.Policy` is one."""

    def reset(self, seed: int) -> None:
        """Begin a trial."""
        ...

    def act(self, instruction: str, pictures: Mapping[str, Rgb], state: ArrayLike) -> NDArray[np.floating]:
        """A chunk of actions (T, A) from now on."""
        ...


class PolicyEvaluation(Schema):
    """How trials are run.

    Attributes:
        max_steps: of control, at the rate of the trial's record, after which a trial ends.
        replan_every: control steps between two looks at the scene; chunks overlap and are ensembled in any case.
        decay: of the ensemble's weights.
        lasting: steps for which the goal has to hold before a trial ends in success.
        film_every: control steps between two kept pictures of the first camera; None keeps none.
    """

    max_steps: int = Field(default=600, gt=0)
    replan_every: int = Field(default=4, gt=0)
    decay: float = 0.01
    lasting: int = Field(default=20, gt=0)
    film_every: int | None = None
    seed: int = 0


class TrialReport(Schema):
    """One trial.

    Attributes:
        run: folder of the run that the episode is of.
        task: name of the kind of task.
        success_at_end: the goal holds at the end and the target has been let go.
        success_ever: that was so at some step.
        steps: of control that were carried out.
        ended_by: why it ended.
        target_moved, target_lifted: how far the target got from where it was, and above it, at most, metres.
    """

    run: str
    task: str
    episode: int
    look: int
    instruction: str
    success_at_end: bool
    success_ever: bool
    steps: int
    ended_by: str
    target_moved: float
    target_lifted: float


class TaskReport(Schema):
    """Trials of one kind of task, or of all."""

    trials: int
    success_at_end: Rate
    success_ever: Rate

    @classmethod
    def of(cls, trials: Collection[TrialReport]) -> TaskReport:
        """The rates over at least one trial."""
        return cls(
            trials=len(trials),
            success_at_end=Rate.of([trial.success_at_end for trial in trials]),
            success_ever=Rate.of([trial.success_ever for trial in trials]),
        )


class PolicyReport(Schema):
    """All trials.

    Attributes:
        total: over all of them.
        tasks: the same by kind of task.
    """

    trials: tuple[TrialReport, ...]
    total: TaskReport
    tasks: dict[str, TaskReport]
    renderer: str


@dataclass(frozen=True)
class TrialResult:
    """A report, and the film if it was asked for."""

    report: TrialReport
    film: tuple[Rgb, ...]


def evaluate_policy(
    policy: Acting,
    trials: Iterable[Trial],
    index: AssetIndex,
    renderer: Renderer,
    cameras: tuple[str, ...],
    config: PolicyEvaluation,
    on_trial: Callable[[TrialResult], None] | None = None,
) -> PolicyReport:
    """Run every trial.

    Args:
        policy: what is tried.
        trials: at least one.
        index: where the trials' assets are.
        renderer: of the cameras' picture size.
        cameras: what the policy looks through; the first is filmed.
        config: how long, how often.
        on_trial: called after each.
    """
    reports = []
    for number, trial in enumerate(trials):
        policy.reset(config.seed + number)
        result = run_trial(policy, trial, TrialScene(trial, index, renderer, cameras), config)
        reports.append(result.report)
        if on_trial is not None:
            on_trial(result)
    tasks = sorted({report.task for report in reports})
    return PolicyReport(
        trials=tuple(reports),
        total=TaskReport.of(reports),
        tasks={task: TaskReport.of([report for report in reports if report.task == task]) for task in tasks},
        renderer=renderer.name,
    )


def run_trial(policy: Acting, trial: Trial, scene: TrialScene, config: PolicyEvaluation) -> TrialResult:
    """One trial: every `replan_every` steps the policy looks and predicts; every step the ensemble acts."""
    simulation, ensemble, watch = scene.simulation, TemporalEnsemble(config.decay), _Watch(trial, scene.simulation)
    film: list[Rgb] = []
    ended_by = "step limit"
    for step in range(config.max_steps):
        filmed = config.film_every is not None and step % config.film_every == 0
        if filmed or step % config.replan_every == 0:
            pictures = scene.pictures()
        if filmed:
            film.append(next(iter(pictures.values())))
        if step % config.replan_every == 0:
            ensemble.add(step, policy.act(trial.instruction, pictures, scene.proprioception()))
        try:
            watch.see(apply_action(simulation, ensemble.action(step)))
        except UnstablePhysics:
            ended_by = "unstable physics"
            break
        if watch.held_for >= config.lasting:
            ended_by = "success"
            break
    return TrialResult(watch.report(step + 1, ended_by), tuple(film))


def apply_action(simulation: Simulation, action: NDArray[np.floating]) -> float:
    """Carry out one action: joint deltas from the measured state and gripper commands, as `ActionSpec` says.

    Returns:
        The grippers' force on the target at the end of the step, newtons.
    """
    joints = len(simulation.command)
    target = simulation.state().joint_position + action[:joints]
    lower = np.concatenate([arm.robot.joint_lower for arm in simulation.arms])
    upper = np.concatenate([arm.robot.joint_upper for arm in simulation.arms])
    contact = simulation.step(np.clip(target, lower, upper), (action[joints:] > 0.5).astype(float))
    return float(contact.gripper.sum())


class _Watch:
    """Keeps track of the goal and of the target during a trial."""

    def __init__(self, trial: Trial, simulation: Simulation) -> None:
        self._trial, self._simulation = trial, simulation
        simulation.retarget(trial.record.meta.task.subtasks[-1].handled)  # what must have been let go at the end
        self._row = [body.name for body in simulation.bodies].index(trial.record.meta.task.targets[-1])
        self._start = self._target()
        self._moved = self._lifted = 0.0
        self._ever = False
        self.held_for = 0

    def see(self, gripper_force: float) -> None:
        """Judge the scene after a control step."""
        gone = self._target() - self._start
        self._moved = max(self._moved, float(np.linalg.norm(gone)))
        self._lifted = max(self._lifted, float(gone[2]))
        goal = self._trial.record.meta.task.goal
        done = gripper_force < HELD and judge_goal(goal, self._simulation.scene()).satisfied
        self.held_for = self.held_for + 1 if done else 0
        self._ever = self._ever or done

    def report(self, steps: int, ended_by: str) -> TrialReport:
        return TrialReport(
            run=self._trial.run,
            task=self._trial.record.meta.task.name,
            episode=self._trial.record.meta.attempt,
            look=self._trial.look.index,
            instruction=self._trial.instruction,
            success_at_end=self.held_for > 0,
            success_ever=self._ever,
            steps=steps,
            ended_by=ended_by,
            target_moved=self._moved,
            target_lifted=self._lifted,
        )

    def _target(self) -> NDArray[np.float64]:
        return self._simulation.state().object_pose[self._row, :3]
