"""Where the arm can go, and how fast."""
