"""Where what was metered is kept: SQLite in a file, or PostgreSQL.

``database`` opens one and brings its tables up to date, ``writing`` is the meter's side and
``reading`` that of reports. ``schema`` has the tables, ``migrations`` how they came to be.
"""

from tenantry.cost.store.database import Database, StoreError, open_database
from tenantry.cost.store.reading import Reader
from tenantry.cost.store.writing import Overtaken, Writer

__all__ = ["Database", "Overtaken", "Reader", "StoreError", "Writer", "open_database"]
