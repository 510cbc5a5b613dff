"""What is known of outgoing webhooks that fail, so that dead ones can be switched off"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Apply."""
    for column in (
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("failed_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("off_at", UtcDateTime(), nullable=True),
        sa.Column("off_why", sa.String(), server_default="", nullable=False),
    ):
        op.add_column("outgoing_webhook", column)
