"""How long data is kept, what takes it away, and the proof that it was."""
