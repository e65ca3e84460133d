"""How a rule on what tenants run is written: as the list of what it refuses.

Such a rule is a variable, a list of strings that is empty when all is well, and a validation that
looks at it. The API server evaluates messages even when nothing is refused, and evaluates
variables for them a second time, without an ``authorizer``. So a message begins with the same
variable and goes no further when it is empty, and never asks who somebody is.
"""

from typing import Final

from tenantry.policies.fragments import (
    EXEMPT,
    IN_TENANT,
    IS_TRUSTED_IN_PERSON,
    POLICY_GROUP,
    TENANT,
)
from tenantry.policies.policy import Named, Validation

ASKING: Final[Named] = (
    TENANT,
    EXEMPT,
    ("trusted", IS_TRUSTED_IN_PERSON),
)
"""Variables that every policy with refusals begins with. Controllers that are not trusted can be
named by a tenant's exemptions."""

_MOST_SHOWN: Final = 200, 1000
"""Characters of what was tried and of what is allowed. A message of more than 5 KiB, or of two
lines, would not be shown at all."""

ALL_IS_WELL: Final = "''"


def refusal(rule: str, variable: str, what: str, instead: str = "") -> Validation:
    """A validation that refuses what a variable lists, unless somebody trusted asks.

    Args:
        rule: its name, as in the annotation's key.
        variable: name of the variable.
        what: the noun before the first of its items; ends in a space.
        instead: CEL for what to do; what the rule allows if left out.
    """
    most = _MOST_SHOWN[0]
    tried = (
        f"variables.{variable}.map(s, s.size() > {most} ? s.substring(0, {most}) + '...' : s)[0]"
        ".replace('\\n', ' ')"
    )
    advice = instead or f"'allowed: ' + {allowed(rule)}"
    return Validation(
        expression=f"variables.{variable}.size() == 0 || variables.trusted",
        message=f"variables.{variable}.size() == 0 ? {ALL_IS_WELL} : "
        f"{IN_TENANT} + '{rule}: {what}' + {tried} + '; ' + {advice}",
    )


def allowed(rule: str) -> str:
    """CEL for what a rule allows, in words: ``ghcr.io/acme, docker.io``."""
    most = _MOST_SHOWN[1]
    return (
        f"namespaceObject.metadata.?annotations[?'{POLICY_GROUP}/{rule}']"
        f".optMap(t, t.size() > {most} ? t.substring(0, {most}) + ' ...' : t)"
        ".optMap(t, t == '' ? 'none' : t.replace('\\n', ', '))"
        ".orValue('nothing before the operator has prepared the namespace')"
    )
