"""The vision-language models that can be the planner; one module each, behind one interface."""
