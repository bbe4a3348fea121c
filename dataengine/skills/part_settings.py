"""What may be chosen about moving parts of fixtures."""

from __future__ import annotations

from assets_index.schema import Range, Schema


class PartSettings(Schema):
    """Ranges are drawn from once a sub-task. Lengths in metres, times in seconds.

    Attributes:
        pitches: angles below the level, rad, at which the hand may come to a handle; tried in an order drawn at random.
        approach: distance of the straight approach to the handle.
        open_share, door_share: how far a drawer and a door are opened, as a share of their travel.
        press_share: how far a button is pressed, likewise.
        yaws: turns about the vertical at which the closed hand may come down on a button.
        speed: scale of the tempo while a part is moved.
        close_time, open_time: for the jaw.
    """

    pitches: tuple[float, ...] = (0.35, 0.6, 0.8, 1.0, 1.2)
    approach: Range = (0.06, 0.09)
    open_share: Range = (0.82, 0.95)
    door_share: Range = (0.65, 0.75)
    press_share: Range = (0.8, 0.92)
    yaws: int = 8
    speed: float = 0.6
    close_time: float = 0.5
    open_time: float = 0.35
