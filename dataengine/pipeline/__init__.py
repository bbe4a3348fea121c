"""A run, step by step: generate records, render and ask, verify, count."""
