"""What the arm can do."""
