"""The one place that puts identity together."""

from __future__ import annotations

from atelier.contracts.organizations import OrganizationState
from atelier.contracts.users import UserState
from atelier.identity import housekeeping, policy
from atelier.identity.api_keys.routes import router as api_keys
from atelier.identity.first_start import first_start
from atelier.identity.invitations.routes import router as invitations
from atelier.identity.login.routes import router as login
from atelier.identity.organizations.models import Organization
from atelier.identity.organizations.repository import WITH_MEMBERS
from atelier.identity.organizations.routes import router as organizations
from atelier.identity.passwords import Passwords
from atelier.identity.principals.routes import router as principals
from atelier.identity.settings import Settings
from atelier.identity.signing_keys.routes import router as signing_keys
from atelier.identity.users.models import User
from atelier.identity.users.routes import router as users
from atelier.runtime.http.internal import OwnedKind
from atelier.runtime.service import Declaration


def declare(settings: Settings) -> Declaration:
    """Identity, as the runtime runs it."""
    passwords = Passwords(settings.password_threads)
    return Declaration(
        settings=settings,
        routers=[signing_keys, login, users, api_keys, organizations, invitations, principals],
        kinds=[
            OwnedKind(UserState, User, policy.users_visible_to),
            OwnedKind(
                OrganizationState, Organization, policy.organizations_visible_to, options=[WITH_MEMBERS]
            ),
        ],
        jobs=housekeeping.jobs(settings),
        provide={"passwords": passwords, "settings": settings},
        on_start=first_start(settings, passwords),
    )
