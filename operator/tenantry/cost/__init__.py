"""What runs, metered hour by hour and priced: whose it is, and what it costs."""
