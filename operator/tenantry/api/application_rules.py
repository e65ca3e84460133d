"""What an Application's components demand of each other, as CEL with what to write instead."""

from collections.abc import Callable
from typing import Final

from tenantry.api.markers import rule

_TAG: Final = ":[A-Za-z0-9_][-A-Za-z0-9_.]*$"
_DIGEST: Final = "@sha256:[0-9a-f]{64}$"


def _has_digest(image: str) -> str:
    return f"{image}.matches('{_DIGEST}')"


def _is_pinned(image: str) -> str:
    return f"({_has_digest(image)} || {image}.matches('{_TAG}') && !{image}.endsWith(':latest'))"


def _of_all_images(holds: Callable[[str], str]) -> str:
    """That something holds for the images of all components and versions."""
    return (
        f"self.components.all(c, (!has(c.image) || {holds('c.image')}) && "
        f"c.versions.all(v, {holds('v.image')}))"
    )


_HAS_PORT: Final = "(has({0}.port) || size({0}.ports) > 0 || has(self.defaults.port))"

SPEC_RULES: Final = (
    rule(
        "self.components.all(c, c.dependsOn.all(d, !has(d.component) || "
        "self.components.exists(o, o.name == d.component)))",
        "dependsOn[].component must be a component of this application: use external for one of "
        "another application, or egress for a server outside",
    ),
    rule(
        "self.components.all(c, c.dependsOn.all(d, !has(d.component) || "
        "!self.components.exists(o, o.name == d.component && "
        f"(o.kind in ['Job', 'CronJob'] || !{_HAS_PORT.format('o')}))))",
        "dependsOn[].component must have a port, and be no Job or CronJob: give it port or ports",
    ),
    rule(
        f"self.components.all(c, size(c.expose) == 0 || {_HAS_PORT.format('c')})",
        "what is exposed needs a port: give the component port or ports",
    ),
    # A list of one binds the name, so that it is put together once a version and not once a pair:
    # the cost of a rule is estimated from the largest spec that the schema admits.
    rule(
        "self.components.all(o, (has(o.image) ? [o.name + '-v1'] : "
        "o.versions.map(v, o.name + '-' + v.name)).all(full, "
        "self.components.all(c, c.name != full)))",
        "a component must not be called like the version of another, component-version (v1 for an "
        "image alone), for both are Services: rename one",
    ),
    rule(
        f"self.policy.image.allowLatest || {_of_all_images(_is_pinned)}",
        "an image needs a tag other than latest, or a digest: write it like name:1.2.3, or set "
        "spec.policy.image.allowLatest",
    ),
    rule(
        f"!self.policy.image.requireDigest || {_of_all_images(_has_digest)}",
        "spec.policy.image.requireDigest asks for images by digest: write them like "
        "name@sha256:..., as the registry tells",
    ),
    rule(
        "!(self.criticality in ['high', 'critical']) || self.components.all(c, "
        "!has(c.traffic) || !has(c.traffic.fault) || c.traffic.fault.allowCritical)",
        "a fault in an application of high or critical criticality needs fault.allowCritical: true",
    ),
)
"""Rules on the spec; ``self`` is the spec, with the schema's defaults."""

ROOT_RULES: Final = (
    rule(
        "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "an Application's name must be a DNS label: lower-case letters, digits and hyphens, for "
        "it is part of names and a label's value",
    ),
    rule(
        "self.spec.components.all(c, size(self.metadata.name) + size(c.name) <= 62)",
        "application and component must have at most 63 characters together with the hyphen "
        "between them, for that is a label's value",
    ),
    rule(
        "self.spec.components.all(c, c.dependsOn.all(d, !has(d.external) || "
        "has(d.external.__namespace__) || d.external.application != self.metadata.name))",
        "dependsOn[].external is for another application: name a component of this one by "
        "component",
    ),
)
"""Rules on the whole object, where CEL may read ``metadata.name``."""
