"""How the tables came to be, a module a step; Alembic finds them by their folder."""
