"""What a picture costs. `python benchmarks/render.py --json`.

CPU milliseconds a frame of 224 x 224 with shadows, both backends on one scene in one run, their frames taken in turn.
The scene is a solved pick-and-place layout from the procedural library, with dome and sun, the arm moving. Filament
draws it as the engine does, meshes decimated to what the picture shows; the classic renderer draws them whole. What
bounds Filament, `share_of` says: how much of a frame's time goes with shadows, the robot or nearly all pixels.
`surroundings_ms` is what two lamps, walls and two pieces of furniture add to a frame.
Then, by small runs, what the way from a record to a shard adds, and what questions about layouts alone cost.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

# One process uses one core; lavapipe reads this when it is loaded.
os.environ.setdefault("LP_NUM_THREADS", "1")

import numpy as np
from _command_line import library_index, new_parser, show
from _pipeline_cost import grounding_rate, pipeline_cost

from assets_index.index import AssetIndex
from assets_index.robots import arms, robot
from assets_index.seeding import Stage, generator
from assets_index.transforms import Array
from dataengine.record_scene import TABLE, Detail, link_kinematics, render_scene, table_pose
from renderers.annotations import annotate
from renderers.backends import open_renderer
from renderers.camera import CameraView, camera_view
from renderers.camera_presets import front_camera
from renderers.frame import Renderer
from renderers.look import Look
from renderers.look_axes import FurnitureAxis, LampAxis, LookConfig, RoomAxis
from renderers.sampling import sample_look
from renderers.scene import Poses, RenderScene
from scene_graph.solver import solve
from scene_graph.tasks import read_task, synthesize

SIZE = 224
DRAWN, WHOLE = Detail.of_pictures(SIZE), Detail(robot=1.0)
WARM_UP = 3

STANDARD = LookConfig(lamps=LampAxis(vary=False), room=RoomAxis(vary=False), furniture=FurnitureAxis(vary=False))
SURROUNDED = LookConfig(lamps=LampAxis(number=(2, 2)), room=RoomAxis(share=1.0), furniture=FurnitureAxis(number=(2, 2)))


@dataclass(frozen=True)
class Setting:
    """A scene as the engine draws it, the same with all meshes whole, and its bodies that stand still."""

    scene: RenderScene
    whole: RenderScene
    still: dict[str, Array]

    def poses(self, frame: int) -> Poses:
        """Where everything is at a frame: the arm sways."""
        joints = np.array(robot().home) + 0.2 * np.sin(0.3 * frame)
        return {**self.still, **link_kinematics(robot()).poses(joints, [0.04, 0.04])}


def build_setting(index: AssetIndex, seed: int) -> Setting:
    rng = generator(seed, Stage.TASK, 0)
    task = synthesize(read_task("pick_and_place"), index, rng)
    still = {name: pose.matrix for name, pose in solve(task.scene, index, rng).poses.items()}
    still[TABLE] = table_pose(index.asset(task.scene.table_id))
    scene, whole = (render_scene(task, index, arms("franka_panda"), detail) for detail in (DRAWN, WHOLE))
    return Setting(scene, whole, still)


def look_of(setting: Setting, seed: int, config: LookConfig) -> Look:
    """A look of the scene."""
    rng, cameras = generator(seed, Stage.LOOK, 0), [front_camera(SIZE, SIZE)]
    return sample_look(config, 0, seed, rng, scene=setting.scene, cameras=cameras)


def cpu_ms(action: Callable[[], object]) -> float:
    """CPU time of one call, all threads together."""
    start = time.process_time()
    action()
    return 1e3 * (time.process_time() - start)


def measure(index: AssetIndex, frames: int, seed: int) -> dict[str, object]:
    """All figures; medians over the frames."""
    setting = build_setting(index, seed)
    look, surrounded = (look_of(setting, seed, config) for config in (STANDARD, SURROUNDED))
    view = camera_view(front_camera(SIZE, SIZE), look, np.eye(4))
    filament = open_renderer("filament", width=SIZE, height=SIZE)
    quality = open_renderer("filament", width=SIZE, height=SIZE, quality="quality")
    classic = open_renderer("classic", width=SIZE, height=SIZE)
    for renderer, scene in ((filament, setting.scene), (quality, setting.scene), (classic, setting.whole)):
        renderer.open(scene, look)

    def cost(renderer: Renderer, poses: Poses, *, rest: bool = False) -> float:
        return cpu_ms(lambda: renderer.draw(poses, view, depth=rest, ids=rest))

    others = variants(setting, look, surrounded)
    costs = defaultdict(list)
    for frame in range(-WARM_UP, frames):
        poses = setting.poses(frame)
        seen = filament.draw(poses, view, ids=True)
        measured = {
            "filament_ms": cost(filament, poses),
            "filament_ids_depth_ms": cost(filament, poses, rest=True),
            "filament_quality_ms": cost(quality, poses),
            "classic_ms": cost(classic, poses),
            "annotate_ms": cpu_ms(lambda seen=seen, poses=poses: annotate(seen, setting.scene, poses)),
            **{name: cpu_ms(partial(drawer.draw, poses, its)) for name, (drawer, its) in others.items()},
        }
        for key, value in measured.items() if frame >= 0 else ():
            costs[key].append(value)
    median = {key: float(np.median(values)) for key, values in costs.items()}
    # A fresh engine compiles its shaders with the first picture.
    first = cpu_ms(lambda: (filament.open(setting.scene, look), filament.draw(setting.poses(0), view)))
    for renderer in (filament, quality, classic, *(drawer for drawer, _ in others.values())):
        renderer.close()
    whole = median["filament_ms"]
    surroundings = median.pop("surrounded") - whole
    shares = {name: 1.0 - median.pop(name) / whole for name in others if name in median}
    return {
        **median,
        "share_of": shares,
        "surroundings_ms": surroundings,
        "filament_open_ms": first - median["filament_ms"],
        "filament_over_classic": median["filament_ms"] / median["classic_ms"],
        "ids_depth_overhead": median["filament_ids_depth_ms"] / median["filament_ms"] - 1.0,
        "triangles": triangles(setting.scene),
        "classic_triangles": triangles(setting.whole),
        "bodies": len(setting.still) - 1,
        "frames": frames,
    }


def variants(setting: Setting, look: Look, surrounded: Look) -> dict[str, tuple[Renderer, CameraView]]:
    """Open renderers of the scene without what may bound a frame, by its name, and "surrounded" by what looks may have.

    "pixels" is without all but 16 x 16 of them.
    """
    bodies = tuple(body for body in setting.scene.bodies if body.kind != "robot")
    no_robot = replace(setting.scene, bodies=bodies)
    no_shadows = look.model_copy(update={"light": look.light.model_copy(update={"casts_shadow": False})})
    ways = {
        "pixels": (16, setting.scene, look),
        "robot": (SIZE, no_robot, look),
        "shadows": (SIZE, setting.scene, no_shadows),
        "surrounded": (SIZE, setting.scene, surrounded),
    }

    def opened(size: int, scene: RenderScene, look: Look) -> tuple[Renderer, CameraView]:
        renderer = open_renderer("filament", width=size, height=size)
        renderer.open(scene, look)
        return renderer, camera_view(front_camera(size, size), look, np.eye(4))

    return {name: opened(*how) for name, how in ways.items()}


def triangles(scene: RenderScene) -> int:
    return sum(len(part.faces) for body in scene.bodies for part in body.parts)


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = new_parser(__doc__, seeded=True)
    parser.add_argument("--frames", type=int, default=40)
    arguments = parser.parse_args()
    figures = measure(library_index(arguments.assets), arguments.frames, arguments.seed)
    figures |= pipeline_cost(arguments.assets, arguments.seed) | grounding_rate(arguments.assets, arguments.seed)
    show(figures, arguments.json)


if __name__ == "__main__":
    main()
