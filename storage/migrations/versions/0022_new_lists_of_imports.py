"""The name of a list that an import makes once its people are taken in"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Apply."""
    op.add_column("import_job", sa.Column("new_list", sa.String(), nullable=False, server_default=""))
