"""The first tables.

Nothing is imported from the code of today: what a migration does must not change with it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    _make_amounts()
    op.create_table(
        "meter",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("writer", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("hours_from", sa.BigInteger, nullable=False),
        sa.Column("days_from", sa.BigInteger, nullable=False),
        sa.Column("versions", sa.Text, nullable=False),
    )
    op.create_table(
        "lives",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("namespace", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("life", sa.Text, nullable=False),
        sa.Column("gone", sa.BigInteger),
    )
    op.create_index("lives_gone", "lives", ["gone"])
    op.create_table(
        "gaps",
        sa.Column("start", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("end", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("is_recovered", sa.Boolean, nullable=False),
    )


def _make_amounts() -> None:
    """Series, and what of them was taken, or there to be had."""
    exact = sa.Numeric() if op.get_bind().dialect.name == "postgresql" else sa.Text()
    key = ("tenant", "namespace", "application", "component", "workload", "node_class", "resource")
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in key),
        sa.UniqueConstraint(*key, name="series_key"),
    )
    op.create_table(
        "buckets",
        sa.Column("period", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("start", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("series", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("requested", exact, nullable=False),
        sa.Column("used", exact),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "supplies",
        sa.Column("period", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("start", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("node_class", sa.Text, primary_key=True),
        sa.Column("resource", sa.Text, primary_key=True),
        sa.Column("amount", exact, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take them out, with everything in them."""
    for table in ("gaps", "lives", "supplies", "buckets", "series", "meter"):
        op.drop_table(table)
