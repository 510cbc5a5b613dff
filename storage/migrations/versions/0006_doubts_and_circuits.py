"""Attempts in doubt, texts as they were sent, and lines that slow down or rest"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    for name in ("slowed_rate", "slowed_full"):
        op.add_column("line", sa.Column(name, sa.Float(), nullable=True))
    for name in ("slowed_at", "circuit_until"):
        op.add_column("line", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in ("slowed_times", "circuit_trips"):
        op.add_column("line", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.add_column("delivery", sa.Column("text", sa.Text(), nullable=True))
    op.create_index(
        "ix_delivery_unknown",
        "delivery",
        ["sending_since"],
        unique=False,
        sqlite_where=sa.text("state = 'unknown'"),
        postgresql_where=sa.text("state = 'unknown'"),
    )
    op.create_table(
        "doubtful_attempt",
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
            name=op.f("fk_doubtful_attempt_delivery_id_delivery"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_doubtful_attempt")),
    )
    op.create_index(
        op.f("ix_doubtful_attempt_delivery_id"), "doubtful_attempt", ["delivery_id"], unique=False
    )
    op.create_index(
        "ix_receipt_inbox_open",
        "receipt_inbox",
        ["received_at"],
        unique=False,
        sqlite_where=sa.text("applied_at IS NULL"),
        postgresql_where=sa.text("applied_at IS NULL"),
    )
