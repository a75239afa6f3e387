"""The sections of the financial analytics, one file each, all read from the rollups.

A period is whole days of Rome. Every function asks the database a fixed number of questions, whatever the period.
"""
