"""Uploaded files in the database, for several replicas of the web"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "import_part",
        sa.Column("stored_name", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("stored_name", "place"),
    )
