from pathlib import Path

from kit import Kit, log
from pxr import Usd


def open_stage(usd_path: str) -> tuple[bool, Usd.Stage | None]:
    log("open_stage", usd_path)
    if not Path(usd_path).exists():
        return False, None
    Kit.stage = Usd.Stage.Open(usd_path)
    return True, Kit.stage


def is_stage_loading() -> bool:
    log("is_stage_loading")
    return False
