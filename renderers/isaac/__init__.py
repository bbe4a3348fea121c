"""Pictures by Isaac Sim, in its own Python: scenes go out as USD, files of Replicator's BasicWriter come back.

`adapter.py` is what runs there; nothing else here imports Isaac Sim.
"""
