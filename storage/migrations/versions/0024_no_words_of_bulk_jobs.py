"""A bulk job that is over does not keep the words by which its contacts were searched for."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Apply."""
    op.execute("UPDATE bulk_job SET selection = '{}' WHERE state NOT IN ('running', 'undoing')")
