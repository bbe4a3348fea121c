"""Bodies at rest in Bullet: a physics engine that shares no line with the one that makes episodes.

Needs the extra `crosscheck`.
"""

from __future__ import annotations

import ctypes
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, TracebackType

import numpy as np
import trimesh
from scipy.spatial.transform import Rotation

from assets_index.errors import EngineError
from assets_index.transforms import Array, apply, inverse
from scene_graph.placed import PlacedBody

STEP = 0.002
"""Time step, s."""

ITERATIONS = 100
MARGIN = 1e-4
"""Bullet rounds hulls outwards by this, metres; its own default of 1 mm would lift everything at once."""

SPINNING_FRICTION = 0.01
"""Torsional friction, as in the engine's contacts; neither has rolling friction."""

TABLE_SIZE = (4.0, 4.0, 0.2)


class CrosscheckUnavailable(EngineError):
    """The other physics engine is not installed."""


class BulletScene:
    """Bodies on the table, at rest where they are placed.

    Every free body is its collision hulls with the asset's mass, inertia and friction; what is bolted down is fixed,
    and parts on joints are fixed where their joints have them. Bullet multiplies the frictions of two bodies: the table
    has 1, so that a body's own counts on it.

    Raises:
        CrosscheckUnavailable: if pybullet is not installed.
    """

    def __init__(self, bodies: Sequence[PlacedBody]) -> None:
        self._bullet = bullet = import_pybullet()
        self._client = bullet.connect(bullet.DIRECT)
        settings = {"fixedTimeStep": STEP, "numSolverIterations": ITERATIONS, "physicsClientId": self._client}
        bullet.setPhysicsEngineParameter(**settings)
        bullet.setGravity(0.0, 0.0, -9.81, physicsClientId=self._client)
        self._add_table()
        with tempfile.TemporaryDirectory(prefix="bullet-") as folder:
            self._bodies = [self._add(body, Path(folder) / str(number)) for number, body in enumerate(bodies)]

    def close(self) -> None:
        """Free the engine's memory."""
        self._bullet.disconnect(physicsClientId=self._client)

    def __enter__(self) -> BulletScene:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(round(seconds / STEP)):
            self._bullet.stepSimulation(physicsClientId=self._client)

    def centers(self) -> Array:
        """Centres of mass in the world, (N, 3)."""
        poses = (
            self._bullet.getBasePositionAndOrientation(body, physicsClientId=self._client) for body in self._bodies
        )
        return np.array([position for position, _ in poses])

    def _add_table(self) -> None:
        half = [size / 2 for size in TABLE_SIZE]
        shape = self._bullet.createCollisionShape(self._bullet.GEOM_BOX, halfExtents=half, physicsClientId=self._client)
        table = self._bullet.createMultiBody(0.0, shape, basePosition=[0, 0, -half[2]], physicsClientId=self._client)
        self._bullet.changeDynamics(table, -1, lateralFriction=1.0, physicsClientId=self._client)

    def _add(self, body: PlacedBody, folder: Path) -> int:
        """A body whose frame is that of its principal inertia, so that no convention of frames plays a part."""
        articulation = body.asset.articulation
        center, axes, moments = _principal(body)
        frame = np.eye(4)
        frame[:3, :3], frame[:3, 3] = axes, center
        T_world_body = body.pose.matrix @ frame
        urdf = _write_urdf(folder, body, inverse(frame), moments)
        number = int(
            self._bullet.loadURDF(
                str(urdf),
                basePosition=T_world_body[:3, 3].tolist(),
                baseOrientation=Rotation.from_matrix(T_world_body[:3, :3]).as_quat().tolist(),
                useFixedBase=articulation is not None and articulation.bolted,
                flags=self._bullet.URDF_USE_INERTIA_FROM_FILE,
                physicsClientId=self._client,
            )
        )
        self._bullet.changeDynamics(
            number,
            -1,
            lateralFriction=body.asset.friction,
            spinningFriction=SPINNING_FRICTION,
            rollingFriction=0.0,
            collisionMargin=MARGIN,
            linearDamping=0.0,
            angularDamping=0.0,
            activationState=self._bullet.ACTIVATION_STATE_DISABLE_SLEEPING,
            physicsClientId=self._client,
        )
        return number


def _principal(body: PlacedBody) -> tuple[Array, Array, list[float]]:
    """Centre of mass (3,), principal axes as columns (3, 3) and moments of inertia (3,), in the asset frame."""
    xx, yy, zz, xy, xz, yz = body.asset.inertia
    moments, axes = np.linalg.eigh(np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]], np.float64))
    axes[:, 2] *= np.linalg.det(axes)
    return np.array(body.asset.center_of_mass), axes.astype(np.float64), moments.tolist()


def _write_urdf(folder: Path, body: PlacedBody, T_body_asset: Array, moments: list[float]) -> Path:
    folder.mkdir()
    collisions = ""
    for number, vertices in enumerate(body.moved_hulls):
        trimesh.convex.convex_hull(apply(T_body_asset, vertices)).export(folder / f"{number}.obj")
        collisions += f'<collision><geometry><mesh filename="{number}.obj"/></geometry></collision>'
    xx, yy, zz = moments
    inertia = f'<inertia ixx="{xx!r}" iyy="{yy!r}" izz="{zz!r}" ixy="0" ixz="0" iyz="0"/>'
    inertial = f'<inertial><origin xyz="0 0 0"/><mass value="{body.asset.mass!r}"/>{inertia}</inertial>'
    path = folder / "body.urdf"
    path.write_text(f'<robot name="body"><link name="body">{inertial}{collisions}</link></robot>', encoding="utf-8")
    return path


def import_pybullet() -> ModuleType:
    """The module; raises CrosscheckUnavailable if it is not installed."""
    try:
        with _standard_output_on_stderr():  # it greets there, where a reader may expect JSON
            import pybullet
    except ImportError as error:
        raise CrosscheckUnavailable("pybullet is not installed: pip install 'st4vla-dataengine[crosscheck]'") from error
    return pybullet


@contextmanager
def _standard_output_on_stderr() -> Iterator[None]:
    """For what C code prints."""
    saved = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        ctypes.CDLL(None).fflush(None)
        os.dup2(saved, 1)
        os.close(saved)
