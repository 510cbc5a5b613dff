"""Attachments of answers, for messages that are tried on one's own number"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Apply."""
    op.add_column("answer", sa.Column("attachment_ids", sa.JSON(), nullable=True))
