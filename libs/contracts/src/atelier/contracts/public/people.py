"""Users as others see them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from atelier.contracts.public.model import PublicModel

# Identity has checked the address when the user was made: here it is only shown.
ShownEmail = Annotated[str, Field(json_schema_extra={"format": "email"})]


class UserSummary(PublicModel):
    """As much of a user as others need to recognise them: assignees, authors of revisions."""

    id: UUID
    email: ShownEmail
    full_name: str | None = None
