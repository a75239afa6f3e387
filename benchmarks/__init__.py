"""What GoodPlay costs: its main flows beside the same flows written the plain way, a bare view and pgbench.

`make bench` needs PostgreSQL, wrk and pgbench. Everything runs on this machine, in databases of its own, over loopback.
"""
