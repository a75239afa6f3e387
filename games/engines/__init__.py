"""The games' rules: the contract they keep, where they are found, and how the server asks them."""
