"""A real Kubernetes control plane on one machine, for tests, demo, benchmarks and development.

`source` says what is built, `toolchain` and `build` make the programs once into the user's cache,
`certificates` and `kubeconfig` give everyone an identity, `ports` finds where to listen,
`control_plane` turns all of it into command lines, `processes` runs them, `readiness` waits,
`nodes` adds kwok's nodes, and `cluster` is the face that the rest of the project sees.
`definitions`, `istio` and `prometheus` are beside it: what others define, and what these say of
their own.
"""

from devcluster.cluster import DevCluster
from devcluster.errors import DevClusterError

__all__ = ["DevCluster", "DevClusterError"]
