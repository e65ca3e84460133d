"""CustomResourceDefinitions of others, as their projects publish them: taken out of Go modules.

Beside `build`, which keeps them in the same cache, by the same lock and rename. Most modules carry
the files. The Prometheus operator's has only the types that its CRDs are generated from, so they
are generated here, by the program and the option that the project itself uses.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from devcluster import build
from devcluster.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devcluster.progress import Progress
    from devcluster.toolchain import Toolchain

MODULE: Final = Path(__file__).parent / "crdmod"
PUBLISHED: Final[Mapping[str, tuple[str, str]]] = {
    "istio": ("istio.io/api", "kubernetes/customresourcedefinitions.gen.yaml"),
    "gateway-api": ("sigs.k8s.io/gateway-api", "config/crd/standard/*_*.yaml"),
    "vertical-pod-autoscaler": (
        "k8s.io/autoscaler/vertical-pod-autoscaler",
        "deploy/vpa-v1-crd-gen.yaml",
    ),
}
"""Name of a set -> the module with its files, and where in it they are."""
PROMETHEUS: Final = "prometheus-operator"
TYPES: Final = "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
GENERATED: Final = ("podmonitors", "servicemonitors", "prometheusrules")
GENERATION: Final = "crd:crdVersions=v1,generateEmbeddedObjectMeta=true"
GENERATOR: Final = "sigs.k8s.io/controller-tools/cmd/controller-gen"

SETS: Final = (*PUBLISHED, PROMETHEUS)
"""Names of sets of CRDs that belong together; a file each, a JSON list."""
SOURCE: Final = Source(
    "crds", MODULE, {}, recipe=repr((PUBLISHED, TYPES, GENERATED, GENERATION, GENERATOR))
)


def definitions(progress: Progress) -> Path:
    """Give the folder with a file of CRDs for each of `SETS`; fetch them if they are not there.

    Args:
        progress: Told of what takes time.

    Raises:
        DevClusterError: They cannot be had; the subclass says why.
    """
    return build.ensure(
        SOURCE, build.cache(), progress, is_complete=lambda _, at: is_complete(at), make=make
    )


def file(name: str, folder: Path) -> Path:
    """Give the file of a set."""
    return folder / f"{name}.json"


def is_complete(folder: Path) -> bool:
    """Tell whether a folder holds all sets."""
    return all(file(name, folder).exists() for name in SETS)


def make(go: Toolchain, final: Path, progress: Progress, lock: int) -> None:
    """Fetch the modules, and put their CRDs in place.

    Args:
        go: What fetches, and builds the generator.
        final: The folder to make.
        progress: Told of each step.
        lock: The file descriptor that holds the lock.
    """
    progress.note(f"Fetching {final.name} into {final.parent} (once; about a minute).")
    fresh = go.work / "sets"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    modules = sorted({module for module, _ in PUBLISHED.values()})
    with progress.step("Download modules") as advance:
        go.run(["mod", "download", *modules], advance, [lock])
        said = go.run(["list", "-m", "-f", "{{.Path}} {{.Dir}}", *modules], advance, [lock])
    folders = {path: Path(at) for path, at in (line.split(" ", 1) for line in said)}
    for name, (module, pattern) in PUBLISHED.items():
        join(file(name, fresh), sorted(folders[module].glob(pattern)))
    generated = go.work / "generated"
    arguments = [GENERATION, f"paths={TYPES}", f"output:crd:dir={generated}"]
    with progress.step("Generate others") as advance:
        go.run(["tool", GENERATOR, *arguments], advance, [lock])
    join(
        file(PROMETHEUS, fresh),
        [generated / f"monitoring.coreos.com_{plural}.yaml" for plural in GENERATED],
    )
    shutil.rmtree(final, ignore_errors=True)
    fresh.rename(final)


def join(target: Path, files: list[Path]) -> None:
    """Write the CRDs in YAML files as one JSON list, which is read a hundred times faster."""
    texts = (one.read_text() for one in files)
    documents = [one for text in texts for one in yaml.load_all(text, yaml.CSafeLoader) if one]
    crds = [one for one in documents if one["kind"] == "CustomResourceDefinition"]
    target.write_text(json.dumps(crds))
