"""Who may ask for an operation, declared beside its route and shown in its OpenAPI as `x-access`.

    @router.delete("/{id}", openapi_extra=access.ADMINS_OR_OWN)

A declaration decides nothing: policies do. The tenant matrix asks for every operation as everybody
and holds the answers to it; an operation without one fails the rules.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, Literal

EXTENSION: Final = "x-access"

Outsiders = Literal[403, 404]
"""What somebody of another organization hears: 403 where the request names the organization itself,
404 where it names a thing, of which they may not even know that it exists."""


class Who(StrEnum):
    """The least that one must be; superusers may do everything.

    A role is meant in the organization that the thing belongs to; what is personal is its owner's.
    """

    ANYBODY = "anybody"
    """No login is needed."""
    LOGIN = "login"
    """Whoever has a login, about themselves or what is for everybody."""
    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"
    CREATOR = "creator"
    """Who made the thing, whatever their role; for everybody else it doesn't exist."""
    SUPERUSER = "superuser"


def _declared(who: Who, outsiders: Outsiders | None = None, **more: bool) -> dict[str, Any]:
    """What `openapi_extra` takes.

    `more`: `own` (members may, on what they own), `public` (anybody with a login may, on what is
    public), `keys` (False: only by a login, not by an API key).
    """
    told = {} if outsiders is None else {"outsiders": outsiders}
    return {EXTENSION: {"who": who.value, **told, **more}}


OPEN = _declared(Who.ANYBODY)
ANY_LOGIN = _declared(Who.LOGIN)
LOGIN_WITHOUT_KEY = _declared(Who.LOGIN, keys=False)
"""About the login itself: who holds a key may not make another one, nor lock its owner out."""

MEMBERS_LIST = _declared(Who.VIEWER, 403)
"""What the organization named in the query has."""
MEMBERS_READ = _declared(Who.VIEWER, 404)
MEMBERS_READ_OR_PUBLIC = _declared(Who.VIEWER, 404, public=True)
MEMBERS_FIND_OR_PUBLIC = _declared(Who.VIEWER, 403, public=True)
"""By a name, in the organization named in the query."""
MEMBERS_CREATE = _declared(Who.MEMBER, 403)
"""Something new in the organization named in the query or the body."""
MEMBERS_WRITE = _declared(Who.MEMBER, 404)
ADMINS_OR_OWN = _declared(Who.ADMIN, 404, own=True)
"""Delete."""
ADMINS_MANAGE = _declared(Who.ADMIN, 404)
"""The organization and its members."""
OWNER_ONLY = _declared(Who.OWNER, 404)
CREATOR_ONLY = _declared(Who.CREATOR, 404)

SUPERUSERS = _declared(Who.SUPERUSER, 403)
"""What belongs to no organization, such as users."""
SUPERUSERS_ON_THINGS = _declared(Who.SUPERUSER, 404)
"""Such as a restore: members of its organization hear 403, as they know of the thing."""
