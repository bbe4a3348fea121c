"""One loop for both stages."""
