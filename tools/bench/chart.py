"""What installs the operator, as JSON on standard output: the CRDs and the chart, by the real Helm.

A program of its own, because the Helm library brings a Go runtime and eighty megabytes into the
process that loads it, and the instruments share their machine with what they measure.
"""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
NAMESPACE: Final = "tenantry-system"
RELEASE: Final = "tenantry"
BESIDE: Final = {"replicas": 0, "crds": {"install": False}}
"""Values of the chart: the operator runs beside the cluster, and CRDs are served before it."""


@cache
def manifests() -> tuple[dict[str, Any], ...]:
    """The namespace, the CRDs and the chart's manifests, in the order in which they are made."""
    done = subprocess.run([sys.executable, "-I", __file__], check=True, capture_output=True)
    return tuple(json.loads(done.stdout))


def _rendered() -> list[dict[str, Any]]:
    import helm_python as helm  # noqa: PLC0415 - see above

    with helm.Chart.load(ROOT / "helm" / "tenantry") as chart:
        files = chart.render(BESIDE, name=RELEASE, namespace=NAMESPACE)
    texts = [text for path, text in sorted(files.items()) if path.endswith(".yaml")]
    documents = [one for text in texts for one in yaml.safe_load_all(text)]
    crds = [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "crds").glob("*.yaml"))]
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    return [namespace, *crds, *(one for one in documents if one)]


if __name__ == "__main__":
    print(json.dumps(_rendered()))
