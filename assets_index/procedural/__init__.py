"""Things made by numbers alone: every category of the embedded library."""
