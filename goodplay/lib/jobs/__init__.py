"""Scheduled jobs that remember their last good run."""
