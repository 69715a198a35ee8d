"""What operators do with identity from the command line."""

from __future__ import annotations

import typer

from atelier.identity.settings import Settings
from atelier.identity.signing_keys import use_cases as signing_keys
from atelier.identity.users import use_cases as users
from atelier.runtime.operating import with_service
from atelier.runtime.request_context import Cause
from atelier.runtime.service import Declaration, Service

CAUSE = Cause(correlation_id="rotate-signing-keys")


def rotate(declaration: Declaration, settings: Settings) -> None:
    """Publish a new signing key now and print when it signs; nobody is logged out."""

    async def work(service: Service) -> None:
        async with service.units.begin(CAUSE) as uow:
            lead = settings.signing_key_lead
            new = await signing_keys.rotate(uow, settings.access_token_lifetime, lead)
            await uow.commit()
        typer.echo(f"Key {new} is published and signs in {lead}.")

    with_service(declaration, work)


def replace_compromised(declaration: Declaration, settings: Settings) -> None:
    """Take all signing keys back, sign with a new one at once, and log everybody out."""

    async def work(service: Service) -> None:
        async with service.units.begin(CAUSE) as uow:
            new = await signing_keys.replace_all(uow, settings.access_token_lifetime)
            await users.refuse_tokens_of_all(uow)
            await uow.commit()
        typer.echo(f"Key {new} signs from now on; all others are gone and everybody has to log in again.")

    with_service(declaration, work)
