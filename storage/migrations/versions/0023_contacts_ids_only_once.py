"""The id of a deleted contact is never given out again, on SQLite either

Results, audiences and the audit go on naming people by it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return  # a sequence never goes back
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # memberships wait for the new table
    schema = sa.text(
        "SELECT type, sql FROM sqlite_schema WHERE tbl_name = 'contact' AND sql IS NOT NULL ORDER BY type DESC"
    )
    table, *indexes = [sql for _, sql in connection.execute(schema)]
    if "PRIMARY KEY (id)" not in table:
        raise ValueError("the contacts' table is not as the migrations before made it")
    connection.exec_driver_sql("CREATE TABLE contact_before AS SELECT * FROM contact")
    connection.exec_driver_sql("DROP TABLE contact")
    connection.exec_driver_sql(table.replace("PRIMARY KEY (id)", "PRIMARY KEY (id AUTOINCREMENT)"))
    connection.exec_driver_sql("INSERT INTO contact SELECT * FROM contact_before ORDER BY id")
    connection.exec_driver_sql("DROP TABLE contact_before")
    for index in indexes:
        connection.exec_driver_sql(index)
    _count_on(connection)


def _count_on(connection: sa.Connection) -> None:
    """Behind every id that was ever seen."""
    connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'contact'")
    connection.exec_driver_sql(
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'contact', coalesce(max(last), 0) FROM ("
        "SELECT max(id) AS last FROM contact UNION ALL SELECT max(contact_id) FROM delivery "
        "UNION ALL SELECT max(contact_id) FROM audience_member)"
    )
