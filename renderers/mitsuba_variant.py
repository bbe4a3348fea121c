"""Mitsuba, as fast as this machine runs it: compiled by LLVM where there is one that serves, else interpreted.

Mitsuba is the extra `photoreal`; nothing of it is imported before a renderer is wanted.
"""

from __future__ import annotations

import logging
import os
import re
from functools import lru_cache
from glob import glob
from types import ModuleType

from renderers.errors import RendererUnavailable

OLDEST_LLVM = 19
"""Older ones (15 and 16 were tried) end the whole process when they compile for AVX-512."""

LLVM_FOLDERS = ("/usr/lib", "/usr/lib/*", "/usr/lib/llvm-*/lib", "/usr/lib64", "/usr/local/lib")


@lru_cache
def load_mitsuba() -> ModuleType:
    """The package `mitsuba` with its variant set, on as many threads as `OMP_NUM_THREADS` says.

    Raises:
        RendererUnavailable: if it is not installed.
    """
    library = llvm_library()
    if library is not None:
        os.environ["DRJIT_LIBLLVM_PATH"] = library
    try:
        import drjit
        import mitsuba
        import mitsuba_oidn  # noqa: F401 - the denoiser belongs to the extra: missing it is told here
    except ImportError as error:
        raise RendererUnavailable("Mitsuba is not installed: pip install 'st4vla-dataengine[photoreal]'") from error
    drjit.set_thread_count(int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1))
    compiled = library is not None and drjit.has_backend(drjit.JitBackend.LLVM)
    mitsuba.set_variant("llvm_ad_rgb" if compiled else "scalar_rgb")
    if not compiled:
        logging.getLogger(__name__).warning(
            "No LLVM %d or newer: Mitsuba draws with its scalar variant, some four times slower; on Debian: "
            "apt-get install libllvm%d",
            OLDEST_LLVM,
            OLDEST_LLVM,
        )
    return mitsuba


def llvm_library() -> str | None:
    """The LLVM to compile with: the one that `DRJIT_LIBLLVM_PATH` names, or the newest installed that serves."""
    if chosen := os.environ.get("DRJIT_LIBLLVM_PATH"):
        return chosen
    found = [path for folder in LLVM_FOLDERS for path in glob(f"{folder}/libLLVM*")]
    newest = max(found, key=llvm_version, default="")
    return newest if llvm_version(newest) >= OLDEST_LLVM else None


def llvm_version(path: str) -> int:
    """The major version in the name of a library file: `libLLVM-19.so.1`, `libLLVM.so.19.1`; 0 if there is none."""
    name = re.search(r"libLLVM(?:-(\d+)[\d.]*\.so|\.so\.(\d+))", path)
    return int(name[1] or name[2]) if name else 0
