"""Samples of the shards as batches."""
