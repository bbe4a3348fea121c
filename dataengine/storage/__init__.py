"""Records, shards and the ledger on disk."""
