"""The world in motion: MuJoCo models and the one control path."""
