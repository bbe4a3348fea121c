"""What may be chosen about picking and placing."""

from __future__ import annotations

from pydantic import Field

from assets_index.schema import Range, Schema


class PickPlaceSettings(Schema):
    """Ranges are drawn from once an episode. Lengths in metres, times in seconds.

    Attributes:
        start_jitter: standard deviation of the joints about the robot's home at the start, rad.
        tempo: scale of the speed of all motions.
        bow: spread of the sideways bends of free paths, as a share of their length in joint space.
        lean: how much a direction of approach, drawn once a try, counts against the liking for a grasp; 0 for nothing.
        elbow: chance in the choice between arm configurations: spread of the logarithm of a factor on their travel.
        approach: distance of the straight approach to the grasp.
        lift: height to which the target is lifted.
        hover: height above its place at which the target arrives.
        grasps: hand poses for which a whole plan is tried.
        tries: times that a sub-task is tried at most, by picking up or otherwise, one after the other came to nothing.
        noticed: distance that the target must have moved for the arm to give up its approach and plan anew.
        steepest_approach: least cosine between the approach and straight down.
        neighbor_margin: distance of the open hand from other bodies' surfaces at the grasp.
        place_margin: the same at the place, before the jaw opens.
        drops: heights above the floor of a cavity from which the target may be let go, lowest first.
        place_jitter: spread of the place about the middle of the goal's region.
        yaws: turns of the target about the vertical tried at the place.
        turn: share of the full circle over which they are spread, from how the target is held.
        close_time, open_time: for the jaw; longer than it takes from closed to open, for it lets a wide thing go last.
        pause_time: how long the arm stands still after each sub-task but the last.
        patience: how long the target may take to come to rest after it is let go.
    """

    start_jitter: float = Field(default=0.06, ge=0.0)
    tempo: Range = (0.8, 1.0)
    bow: float = Field(default=0.06, ge=0.0)
    lean: float = Field(default=0.3, ge=0.0)
    elbow: float = Field(default=0.3, ge=0.0)
    approach: Range = (0.07, 0.11)
    lift: Range = (0.10, 0.15)
    hover: Range = (0.06, 0.09)
    grasps: int = Field(default=24, ge=1)
    tries: int = Field(default=3, ge=1)
    noticed: float = Field(default=0.012, gt=0.0)
    steepest_approach: float = Field(default=0.5, ge=0.0, lt=1.0)
    neighbor_margin: float = 0.004
    place_margin: float = 0.003
    drops: tuple[float, ...] = (0.004, 0.012, 0.025, 0.04, 0.06, 0.085, 0.11)
    place_jitter: float = 0.01
    yaws: int = 8
    turn: float = Field(default=1.0, ge=0.0, le=1.0)
    close_time: float = 0.5
    open_time: float = 0.5
    pause_time: float = 0.3
    patience: float = 1.5
