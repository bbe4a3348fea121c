"""Records in other programs' formats."""
