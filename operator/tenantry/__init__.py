"""Tenantry: one Kubernetes cluster as a platform that many tenants share.

The map of the house, in the order of a Tenant's way through it:

- ``api``        nouns: what a user writes; pydantic models, names, the CRDs. No I/O.
- ``desired``    pure: a Tenant (and facts) to manifests, one file a concern.
- ``plan``       pure: desired against observed, what to create, apply, remove, delete.
- ``status``     pure: outcomes to conditions.
- ``cluster``    the only place that speaks to the API server.
- ``reconcile``  observe, desire, plan, act, report.
- ``handlers``   thin async Kopf handlers: an event into the cache, its owner into the queue.
- ``cli``        one module a command.
"""
