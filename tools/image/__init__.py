"""The operator's image: built by whatever is there, and really run.

- ``engine``   docker, podman or buildah, and what each is told to build it.
- ``sbom``     what is in it; run inside the build, so it needs nothing but Python.
- ``base``     bases made of Debian's packages, where no registry is to be reached.
- ``contents`` what came out: its configuration, its files, its size.
- ``trial``    the operator from the image, locked down, through the demo on a dev cluster.
- ``figures``  what was measured, in docs/image.md.
"""
