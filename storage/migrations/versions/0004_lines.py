"""Lines: their kind, a cap per minute, where their day begins, who may use them, and why they are blocked"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    for column in (
        sa.Column("kind", sa.Text(), server_default="long_code", nullable=False),
        sa.Column("minute_cap", sa.Integer(), nullable=True),
        sa.Column("day_zone", sa.String(), server_default="UTC", nullable=False),
        sa.Column("blocked_code", sa.String(), server_default="", nullable=False),
        sa.Column("blocked_by", sa.String(), nullable=True),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.false(), nullable=False),
    ):
        op.add_column("line", column)
    line = sa.table("line", sa.column("kind"), sa.column("number"))
    toll_free = [line.c.number.like(f"+1{area}%") for area in (800, 833, 844, 855, 866, 877, 888)]
    op.execute(line.update().where(sa.or_(*toll_free)).values(kind="toll_free"))
    op.execute(line.update().where(line.c.number.not_like("+%")).values(kind="short_code"))
    lettered = sa.func.lower(line.c.number) != sa.func.upper(line.c.number)
    op.execute(line.update().where(lettered).values(kind="alphanumeric"))
    op.create_table(
        "line_access",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["line.id"], name=op.f("fk_line_access_line_id_line"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_line_access_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("line_id", "user_id", name=op.f("pk_line_access")),
    )
    op.create_table(
        "line_minute",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("spent", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["line.id"], name=op.f("fk_line_minute_line_id_line"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_line_minute")),
    )
