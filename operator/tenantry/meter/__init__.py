"""The meter's process: watches, a ledger that they feed, and a store that it is written to."""
