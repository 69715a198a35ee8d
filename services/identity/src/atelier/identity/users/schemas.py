"""Bodies and answers of the users' operations."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr, StrictBool

from atelier.contracts.public.model import PublicEntity
from atelier.contracts.public.people import ShownEmail
from atelier.identity.credentials import MAX_PASSWORD, Email, Password
from atelier.runtime.http.bodies import RequestBody

FullName = Annotated[str, Field(max_length=255)]


class UserCreate(RequestBody):
    """A new user."""

    email: Email
    password: Password
    full_name: FullName | None = None
    is_active: StrictBool = True
    is_superuser: StrictBool = False


class UserRegister(RequestBody):
    """Who somebody is who makes an account of their own."""

    email: Email
    password: Password
    full_name: FullName | None = None


class PasswordChange(RequestBody):
    """The password until now, which proves who asks, and the one from now on."""

    current_password: Annotated[SecretStr, Field(max_length=MAX_PASSWORD)]
    new_password: Password


class UserUpdate(RequestBody):
    """Changes of a user: what isn't sent stays. `full_name: null` clears it."""

    email: Email | None = None
    password: Password | None = None
    full_name: FullName | None = None
    is_active: StrictBool | None = None
    is_superuser: StrictBool | None = None


class UserUpdateMe(RequestBody):
    """What users change about themselves: what isn't sent stays. `full_name: null` clears it."""

    email: Email | None = None
    full_name: FullName | None = None


class UserPublic(PublicEntity):
    """A user as administrators and the user see them; a deactivated one can't sign in."""

    email: ShownEmail
    full_name: str | None = None
    is_active: bool
    is_superuser: bool


class UsersPublic(BaseModel):
    """A page of users; `count` is of all."""

    data: list[UserPublic]
    count: int
