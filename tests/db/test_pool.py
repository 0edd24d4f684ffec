"""What a pool raises while Postgres goes away is an outage, whichever moment it is."""

import struct

import pytest

from db.pool import OUTAGE, connect_pool

FIELDS = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
GOODBYE = b"E" + struct.pack("!I", len(FIELDS) + 4) + FIELDS


async def test_asking_between_goodbye_and_hanging_up_is_an_outage(database_url: str):
    """A worker died of it when Postgres restarted: the goodbye comes a moment before the end."""
    async with await connect_pool(database_url, name="test", size=1) as pool:
        async with pool.acquire() as connection:
            protocol = connection._protocol
        protocol.data_received(GOODBYE)

        with pytest.raises(OUTAGE):
            await pool.fetchval("SELECT 1")
