"""Saved filters as lists"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Apply."""
    op.add_column("contact_list", sa.Column("filter", sa.JSON(), nullable=True))
