"""Images: the registry that a short name is pulled from, and when it is pulled."""

from tenantry.api.containers import ImagePullPolicy


def full_image(image: str, registry: str) -> str:
    """The image with the registry in front, if it names none itself.

    A registry is a first part, before a slash, that has a dot or a colon or is ``localhost``, as
    Docker has it (``splitDockerDomain`` in github.com/distribution/reference).
    """
    first, slash, _ = image.partition("/")
    names_one = bool(slash) and ("." in first or ":" in first or first == "localhost")
    return image if names_one or not registry else f"{registry}/{image}"


def pull_policy(image: str, given: ImagePullPolicy | None) -> ImagePullPolicy:
    """When nodes pull the image, as the API server has it where nothing is given.

    A tag that may become another image is pulled at each start; what has a digest and no tag is
    not (``SetDefaults_Container`` in pkg/apis/core/v1/defaults.go).
    """
    if given is not None:
        return given
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    is_latest = tag == "latest" or not (tag or digest)
    return "Always" if is_latest else "IfNotPresent"
