"""The migrations make what the rows say."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from atelier.identity.api_keys.models import ApiKey
from atelier.identity.attempts.models import Attempt
from atelier.identity.invitations.models import Invitation
from atelier.identity.organizations.models import Member, Organization
from atelier.identity.sessions.models import RefreshToken, Session
from atelier.identity.signing_keys.models import SigningKey
from atelier.identity.users.models import User
from atelier.runtime.database import Row

ROWS = (SigningKey, User, Organization, Member, Session, RefreshToken, ApiKey, Invitation, Attempt)
OURS = {row.__tablename__ for row in ROWS}


async def test_the_migrated_database_is_what_the_rows_say(identity: Any) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {"include_object": _include, "compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Row.metadata))

    async with identity.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def _include(item: Any, name: str, kind: str, *_: Any) -> bool:
    return (name if kind == "table" else item.table.name) in OURS
