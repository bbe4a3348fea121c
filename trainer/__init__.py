"""How ST4VLA learns and is judged."""
