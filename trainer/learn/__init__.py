"""Does it learn? A test at tiny size: stage 1 on held-out layouts, and four recipes for one task in closed loop."""
