"""Whether USD is installed."""

from __future__ import annotations

from renderers.errors import RendererUnavailable


def require_usd() -> None:
    """Raise RendererUnavailable if USD is not installed."""
    try:
        import pxr.Usd  # noqa: F401
    except ImportError as error:
        raise RendererUnavailable("USD is not installed: pip install 'st4vla-dataengine[usd]'") from error
