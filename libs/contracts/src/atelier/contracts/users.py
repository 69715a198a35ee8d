"""Users, as identity owns them. No password ever leaves identity."""

from typing import ClassVar

from atelier.contracts.model import Event, State


class UserState(State):
    """A person with a login; `owner_id` is the user itself. Deactivated users stay, inactive."""

    kind: ClassVar[str] = "users"

    email: str
    full_name: str | None = None
    is_active: bool = True
    is_superuser: bool = False


class UserRegistered(Event[UserState]):
    """A user exists from now on."""


class UserUpdated(Event[UserState]):
    """Name, address, rights or activity of a user changed."""


class UserDeactivated(Event[UserState]):
    """The user can't sign in any more; what they own stays."""
