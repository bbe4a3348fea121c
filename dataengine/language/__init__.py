"""Instructions in words: templates, and rewriting by a language model."""
