"""How fast the operator is, as ratios to a raw client that writes the same objects.

`script` says what is written: the very requests that the operator makes for a Tenant. `raw` is the
client that plays them, a program of its own; `raw_process` and `operator_process` hold the two
sides, each on a fresh control plane from `testbed`. `throughput`, `latency`, `repair`,
`restart`, `quota` and `policies` measure, with the instruments in `api`, `audit`, `demand`,
`observer` and `usage`. `result` holds what comes out; `page` and `plots` write it into the
documentation; `cli` is the face.
"""
