"""How a parallel jaw can hold an asset."""
