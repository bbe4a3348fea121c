"""ST4VLA: planner, querying transformer, second encoder, action expert."""
