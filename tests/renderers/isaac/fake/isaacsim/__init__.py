from kit import log


class SimulationApp:
    def __init__(self, launch_config: dict) -> None:
        log("SimulationApp", launch_config)

    def update(self) -> None:
        log("app.update")

    def close(self) -> None:
        log("app.close")
