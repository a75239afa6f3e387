"""Screening with state: lists that follow each other, everybody screened against them, hits people decide on."""
