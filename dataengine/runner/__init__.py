"""Running blocks of work in processes."""
