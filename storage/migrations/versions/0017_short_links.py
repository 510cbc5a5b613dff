"""Short links and their clicks"""

import sqlalchemy as sa
from alembic import op

from storage.columns import BigId, UtcDateTime

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "message", sa.Column("shorten_links", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_table(
        "message_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id", "url"),
    )
    op.create_table(
        "short_link",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", BigId, nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.Column("first_click_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["link_id"], ["message_link.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index("ix_short_link_delivery_id", "short_link", ["delivery_id"])
