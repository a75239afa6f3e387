"""The trail of what staff did: append-only and hash-chained."""
