"""Files that are written in the manifest: a ConfigMap for each component that has some.

Its name stays when its contents change, so that nothing is left behind; a digest of the contents is
an annotation of the pods, which are so replaced by the workload's own rules.
"""

from collections.abc import Mapping
from hashlib import sha256

import orjson

from tenantry.api.base import Manifest
from tenantry.desired.applications.labels import of_component
from tenantry.desired.applications.naming import digest, files_name
from tenantry.desired.applications.parts import Part

_LONGEST_END = 200
"""Characters of a file's name that are kept in its key, which has at most 253."""


def config_maps(part: Part) -> list[Manifest]:
    """The ConfigMap with the component's files, if it has any."""
    files = part.component.files
    if not files:
        return []
    made = of_component("v1", "ConfigMap", part, name=files_name(part.name))
    return [made | {"data": {key_of(path): files[path] for path in sorted(files)}}]


def key_of(path: str) -> str:
    """The key of a file: keys know no slashes, and two paths may end alike."""
    return f"{digest(path)}-{path.rpartition('/')[2][-_LONGEST_END:]}"


def digest_of(files: Mapping[str, str]) -> str:
    """What changes when a path or a content does."""
    return sha256(orjson.dumps(dict(files), option=orjson.OPT_SORT_KEYS)).hexdigest()
