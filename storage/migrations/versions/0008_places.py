"""Places: where people may be, and in which span of hours they may be sent to"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply."""
    places = op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("key", name=op.f("uq_place_key")),
    )
    op.create_index(op.f("ix_place_closes_at"), "place", ["closes_at"])
    op.bulk_insert(places, [{"key": "-|"}])  # the first id: nowhere
    op.add_column("contact", sa.Column("place_id", sa.Integer(), nullable=True))
    for table in ("audience_member", "delivery"):
        op.add_column(table, sa.Column("place_id", sa.Integer(), server_default=sa.text("1"), nullable=False))
