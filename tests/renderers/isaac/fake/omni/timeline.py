from kit import Kit, Recorded, log


class Timeline(Recorded):
    def set_current_time(self, seconds: float) -> None:
        log("timeline.set_current_time", seconds)
        Kit.seconds = seconds


def get_timeline_interface() -> Timeline:
    return Timeline("timeline")
