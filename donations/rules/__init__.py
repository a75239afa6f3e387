"""The rule engine: facts and rules in, a decision with its reasons out. Pure: no database, no clock."""
