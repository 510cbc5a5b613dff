"""What contacts are found and sorted by"""

import sqlalchemy as sa
from alembic import op

from domain.searching import fold

revision = "0007"
down_revision = "0006"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_CHUNK = 5_000


def upgrade() -> None:
    """Apply."""
    for name in ("name_key", "last_key", "email_key"):
        op.add_column("contact", sa.Column(name, _KEY, server_default="", nullable=False))
    _fill(op.get_bind())
    op.create_index("ix_contact_name_key", "contact", ["name_key", "id"])
    for name in ("last_key", "email_key"):
        filled = sa.text(f"{name} <> ''")
        op.create_index(f"ix_contact_{name}", "contact", [name], sqlite_where=filled, postgresql_where=filled)
    given = sa.text("timezone IS NOT NULL")
    op.create_index(
        "ix_contact_timezone", "contact", ["timezone"], sqlite_where=given, postgresql_where=given
    )
    op.create_index("ix_contact_number_zone", "contact", ["number_zone"])
    invalid = sa.text("invalid_reason IS NOT NULL")
    op.create_index("ix_contact_invalid", "contact", ["id"], sqlite_where=invalid, postgresql_where=invalid)


def _fill(connection: sa.Connection) -> None:
    """The keys of the contacts that are there, in chunks."""
    read = sa.text(
        "SELECT id, first_name, last_name, email FROM contact WHERE id > :after ORDER BY id LIMIT :limit"
    )
    write = sa.text(
        "UPDATE contact SET name_key = :name_key, last_key = :last_key, email_key = :email_key WHERE id = :id"
    )
    after = 0
    while rows := connection.execute(read, {"after": after, "limit": _CHUNK}).all():
        keys = [
            {
                "id": row.id,
                "name_key": fold(f"{row.first_name} {row.last_name}"),
                "last_key": fold(row.last_name),
                "email_key": fold(row.email),
            }
            for row in rows
        ]
        connection.execute(write, keys)
        after = rows[-1].id
