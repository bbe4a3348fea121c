"""Bringing things made elsewhere into the index."""
