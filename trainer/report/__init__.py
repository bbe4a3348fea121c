"""The report of a demo: one HTML file with everything in it."""
