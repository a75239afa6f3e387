"""Who proves who somebody is: the contract of providers, and those that are shipped. Knows no models."""
