"""Writes what follows from the code: CRDs, reference pages, annotated examples, the policies.

``python -m generate`` writes the files, ``python -m generate --check`` (part of ``make lint``) says
which are stale. One module makes one sort of file, each as a pure function from models to text:

- ``crds``           crds/*.yaml
- ``reference``      docs/reference/<kind>.md
- ``configuration``  docs/reference/configuration.md
- ``examples``       examples/reference/<kind>.yaml
- ``policies``       helm/tenantry/files/*-policies.yaml

A new kind in ``tenantry.api.kinds`` needs a sample in ``samples/`` and nothing else here.
"""
