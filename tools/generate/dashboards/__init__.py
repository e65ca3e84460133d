"""helm/tenantry/files/dashboards/: dashboards for Grafana, made from short tables of panels.

Grafana's JSON says for each panel what all of them have in common; here it is said once, in
``grafana``, and what is shown stands in ``operator`` and ``tenants``.
"""

import json

from generate.dashboards import operator, tenants
from generate.dashboards.grafana import dashboard

FOLDER = "helm/tenantry/files/dashboards"


def texts() -> dict[str, str]:
    """Each dashboard by its path."""
    made = {one.name: dashboard(one) for one in (operator.DASHBOARD, tenants.DASHBOARD)}
    return {f"{FOLDER}/{name}.json": json.dumps(one, indent=1) + "\n" for name, one in made.items()}
