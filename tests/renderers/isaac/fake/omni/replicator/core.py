from kit import Kit, Recorded, Writer, go_wrong, log


class Product(Recorded):
    def __init__(self, prim: str, size: tuple[int, int]) -> None:
        super().__init__("product")
        self.prim, self.size = prim, size


class Backend(Recorded):
    def initialize(self, output_dir: str) -> None:
        log("backend.initialize", output_dir=output_dir)
        self.folder = output_dir


class create:  # noqa: N801
    @staticmethod
    def render_product(camera: str, resolution: tuple[int, int]) -> Product:
        log("create.render_product", camera, resolution)
        return Product(camera, resolution)


class writers:  # noqa: N801
    @staticmethod
    def get(name: str) -> Writer:
        log("writers.get", name)
        return Writer("writer")


class backends:  # noqa: N801
    @staticmethod
    def get(name: str) -> Backend:
        log("backends.get", name)
        return Backend("backend")


class Orchestrator(Recorded):
    def step(self, **keywords: object) -> None:
        log("orchestrator.step", **keywords)
        go_wrong()
        for writer in Kit.writers:
            writer.draw()


orchestrator = Orchestrator("orchestrator")
