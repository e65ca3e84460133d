"""crds/*.yaml: one file a kind, named as controller-gen names them."""

from tenantry.api.crd import Kind, custom_resource_definition
from tenantry.api.documents import to_yaml

HEADER = (
    "Generated from operator/tenantry/api by `make generate`: change the models, not this file.\n"
    "Install it with: kubectl apply --server-side -f crds/"
)


def path(kind: Kind) -> str:
    """Where the CRD is written, from the root of the repository."""
    return f"crds/{kind.group}_{kind.plural}.yaml"


def text(kind: Kind) -> str:
    """The CRD as YAML."""
    return to_yaml([custom_resource_definition(kind)], header=HEADER)
