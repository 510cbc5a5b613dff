"""The queue's own tables on PostgreSQL, made once however many workers start on an empty database."""

from procrastinate import PsycopgConnector
from procrastinate.schema import SchemaManager

_LOCK = 7_365_542  # any number that is ours
_IS_THERE = "SELECT to_regclass('procrastinate_jobs') IS NOT NULL"


async def install(connector: PsycopgConnector) -> None:
    """Make the tables where they are missing; who comes second waits for the first, and finds them."""
    async with connector.pool.connection() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        found = await (await connection.execute(_IS_THERE)).fetchone()
        if found is None or not found[0]:
            await connection.execute(SchemaManager.get_schema())
