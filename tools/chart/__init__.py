"""The chart as a package that Helm and OCI registries take: ``make chart``."""
