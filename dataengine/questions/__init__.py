"""Spatial questions and answers about one picture."""
