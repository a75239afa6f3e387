"""Believable data to look around in, and a walk through the whole product over HTTP."""
