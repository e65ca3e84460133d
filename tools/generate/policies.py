"""helm/tenantry/files/*-policies.yaml: what ``tenantry policies`` prints, for the chart to include.

Two files, for the chart installs the mutating ones only where the API server has them.
"""

from tenantry.api.documents import to_yaml
from tenantry.policies import manifests

FOLDER = "helm/tenantry/files"

_HEADER = (
    "Generated from operator/tenantry/policies by `make generate`: change the policies there, not "
    "this file."
)


def texts() -> dict[str, str]:
    """The text of each file, by its path from the root of the repository."""
    return {
        f"{FOLDER}/validating-policies.yaml": to_yaml(manifests(mutating=False), header=_HEADER),
        f"{FOLDER}/mutating-policies.yaml": to_yaml(manifests(validating=False), header=_HEADER),
    }
