"""Nothing starts in a tenant's namespace before the operator has made it safe.

The label of the mode comes with all the rest of a tenant's policy, in one write, and only the
operator and platform administrators write it. So a namespace without it is not done yet, and one
with it costs nothing here: the selector of the binding tells.
"""

from typing import Final

from tenantry.api.names import MODE_LABEL
from tenantry.policies.fragments import IN_TENANT, TENANT
from tenantry.policies.policy import Policy, Validation
from tenantry.policies.workloads import workloads

READINESS: Final = Policy(
    name="readiness",
    purpose="Refuses workloads in a tenant's namespace that does not carry its policy yet.",
    resources=workloads("CREATE"),
    variables=(TENANT,),
    validations=(
        Validation(
            expression="false",
            message=f"{IN_TENANT} + 'readiness: ' + request.kind.kind + ' in ' + request.namespace "
            "+ ', which does not carry the policy of its tenant yet; try again in a moment, or "
            "see kubectl get tenant ' + variables.tenant",
        ),
    ),
    has_modes=False,
    where=({"key": MODE_LABEL, "operator": "DoesNotExist"},),
)
