"""Two accounts of the same money, laid side by side: what belongs together, and what does not.

Knows no models: whoever calls it brings lines and stores what comes of them.
"""
