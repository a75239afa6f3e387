"""What every endpoint shares: envelope, errors, parsing, pages, throttles, schema."""
