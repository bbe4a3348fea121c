"""A scene under a look as USD: `scene.usda` with everything in it, and `replay.usdc` on top with what moves.

Needs the extra `usd`; import the modules of this package only where USD is written or read.
"""
