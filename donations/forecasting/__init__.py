"""What the next days may bring, from the days before. Numbers in, numbers out: no database, no clock.

`moving_average` holds the method, `backtest` what it would have got wrong on the days that are known, `outlook` both.
"""
