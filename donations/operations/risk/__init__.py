"""Rules about risk: judging movements, and changing the rules."""
