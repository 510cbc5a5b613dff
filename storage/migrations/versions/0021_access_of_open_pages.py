"""A number by which open pages notice that a person may use other lines"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0019"


def upgrade() -> None:
    """Apply."""
    op.add_column("user", sa.Column("access", sa.Integer(), nullable=False, server_default="0"))
