"""The whole road once, at a size for a laptop: from assets to a judged policy and a report."""
