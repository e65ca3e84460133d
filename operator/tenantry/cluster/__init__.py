"""The only place that speaks to the API server: client, cache, errors, writes, events, lease."""
