"""`make demo`: two tenants on a real control plane, shown and put to the test in a terminal.

`stage` starts the cluster and the operator, `kubectl` acts as somebody, `world` and `audit` read
what became of it. Then come the screens, one module each: `overview`, `isolation`, `quota`,
`access`, `labels`, `drift`, `refusals`, `farewell`; `page` prints them. `tour` has their order.

Whatever the screens say is read from the cluster, and what they claim is checked: a demo that
cannot fail shows nothing. `failure` is what a claim that does not hold becomes.
"""
