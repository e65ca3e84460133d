"""What of helm/tenantry is generated: the values in three forms, and copies of the CRDs.

Helm upgrades what is in templates and never what is in a chart's `crds/`
(https://helm.sh/docs/chart_best_practices/custom_resource_definitions/), so the CRDs are files
that a template includes, the same bytes as in the repository's crds/.
"""

from generate import crds
from generate.chart import readme, schema, values_file
from tenantry.api.crd import Kind

CRDS = "helm/tenantry/files/crds"
FOLDERS = (CRDS, "helm/tenantry")


def texts(kinds: tuple[Kind, ...]) -> dict[str, str]:
    """The text of each file, by its path from the root of the repository."""
    copies = {f"{CRDS}/{crds.path(kind).rpartition('/')[2]}": crds.text(kind) for kind in kinds}
    return copies | {
        "helm/tenantry/values.yaml": values_file.text(),
        "helm/tenantry/values.schema.json": schema.text(),
        "helm/tenantry/README.md": readme.text(),
    }
