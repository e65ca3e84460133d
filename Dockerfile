# The operator's image. `make image` builds it with docker, podman or buildah; docs/image.md says how
# to build it elsewhere, behind a mirror or for another architecture.
#
# Both bases have Python 3.13, for compiled wheels fit one minor version. The second has no shell and
# no package manager. Whoever replaces one, by a build argument, keeps to the same minor version.
ARG BUILD_IMAGE=docker.io/library/python:3.13-slim-trixie@sha256:ffb752e139c0a19692a43af8d8523b274222dd68eebad5d583b45c2201c6e30a
ARG BASE_IMAGE=gcr.io/distroless/python3-debian13:nonroot@sha256:0e52dfee02b1aba142e77b004f6ea11210b79456b51f10d70e9bd631cbc21d98

FROM ${BASE_IMAGE} AS base

# Wheels are chosen for the target and never run here, so that arm64 needs no emulation.
FROM --platform=${BUILDPLATFORM} ${BUILD_IMAGE} AS build
ARG TARGETARCH
# Seconds since the epoch: what times there must be in the image are this one.
ARG SOURCE_DATE_EPOCH=0
ENV SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} \
    PATH=/uv/bin:${PATH} \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /src

COPY tools/image/uv.txt ./
RUN python3 -m pip install --quiet --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary=:all: --target=/uv --requirement=uv.txt

# What is locked, by its hashes: a file that has changed since ends the build.
COPY pyproject.toml uv.lock ./
RUN case "${TARGETARCH}" in \
      amd64) platform=x86_64-manylinux_2_28 ;; \
      arm64) platform=aarch64-manylinux_2_28 ;; \
      *) echo "there are no wheels for '${TARGETARCH}': build for amd64 or arm64" >&2; exit 1 ;; \
    esac && \
    uv export --quiet --locked --no-default-groups --extra=postgresql --no-emit-project --output-file=locked.txt && \
    uv pip install --quiet --system --target=/opt/tenantry --python-platform="${platform}" \
      --only-binary=:all: --no-deps --require-hashes --requirement=locked.txt

COPY README.md LICENSE ./
COPY operator ./operator
# Left out are the official client's typed APIs, a hundred megabytes that nothing here imports
# (tests/contract/test_image.py). Its models, imported by name if at all, stay without bytecode. Other
# bytecode is never checked against its source again: the root is read-only, and the start faster.
RUN uv build --quiet --wheel --out-dir=/wheel && \
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
      --no-compile --no-index --no-deps --target=/opt/tenantry /wheel/*.whl && \
    for unused in bin .lock kubernetes/client/api kubernetes/aio/client/api; do \
      rm -rf "/opt/tenantry/${unused}"; \
    done && \
    python3 -m compileall -qq -j 0 -x client/models --invalidation-mode=unchecked-hash /opt/tenantry

# What is in it (CycloneDX), the base's Debian packages among it, if it has any.
COPY tools/image/sbom.py ./
RUN --mount=type=bind,from=base,target=/base \
    uv export --quiet --locked --no-default-groups --extra=postgresql --format=cyclonedx1.5 \
      --output-file=locked.json && \
    python3 sbom.py locked.json /opt/tenantry /base/var/lib/dpkg > /opt/tenantry/sbom.cdx.json && \
    find /opt/tenantry -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

FROM base
ARG BASE_IMAGE
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="tenantry" \
      org.opencontainers.image.description="Multi-tenant platform operator for Kubernetes." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="${BASE_IMAGE}"
COPY --from=build /opt/tenantry /opt/tenantry
# Nothing is ever written: no bytecode, and where there is no home, no cache. Kopf wants to know who
# runs it, and a number that a cluster has chosen has no name in /etc/passwd.
ENV PYTHONPATH=/opt/tenantry \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/nonexistent \
    USER=tenantry
WORKDIR /
# By number, so that Kubernetes can tell that it is not root (runAsNonRoot).
USER 65532:65532
EXPOSE 8080
# -P: nothing is imported from where it was started.
ENTRYPOINT ["python3", "-P", "-m", "tenantry"]
CMD ["run"]
