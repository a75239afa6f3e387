"""Forms of impact: what staff write in the back office, and organisations in the portal."""
