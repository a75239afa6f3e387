"""Dangerous actions need a second person: who asked, who decided, and what was done."""
