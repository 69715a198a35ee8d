"""The operations of the merged document: what each declares, and how it is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from atelier.contracts.organizations import Role
from atelier.runtime.http import access
from house.operations import Ask

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
OTHER = "other organization"
CREATOR = Role.MEMBER
"""Who makes what is its creator's alone; see `by` in the table."""
WHO = ("nobody", OTHER, *Role, "superuser")
RANKS = (Role.VIEWER, Role.MEMBER, Role.ADMIN, Role.OWNER)


@dataclass(frozen=True)
class Operation:
    """One of the merged document."""

    method: str
    template: str
    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its operation id."""
        return str(self.document["operationId"])

    @property
    def access(self) -> Mapping[str, Any]:
        """What its route declares."""
        declared: Mapping[str, Any] = self.document[access.EXTENSION]
        return declared

    @property
    def takes_if_match(self) -> bool:
        """Whether it changes only the version that the client names."""
        return any(one["name"] == "if-match" for one in self.document.get("parameters", ()))

    def refuses(self, who: str) -> int | None:
        """The status by which that one is refused, None for who may."""
        least, outsiders = self.access["who"], self.access.get("outsiders")
        if least == "anybody":
            return None
        if who == "nobody":
            return 401
        if who == "superuser" or least == "login":
            return None
        if least == "creator":
            return None if who == CREATOR else 404
        if who == OTHER:
            assert isinstance(outsiders, int)
            return outsiders
        return None if least in RANKS and RANKS.index(Role(who)) >= RANKS.index(least) else 403

    def path(self, ask: Ask) -> str:
        """Where it is asked for, without the query."""
        ids = iter(ask.ids)
        return re.sub(r"{\w+}", lambda _: next(ids), self.template)

    async def ask(self, client: httpx.AsyncClient, ask: Ask, **headers: str) -> httpx.Response:
        """Ask for it."""
        return await (ask.client or client).request(
            self.method, self.path(ask), params=dict(ask.query), json=ask.body, data=ask.form, headers=headers
        )


OPERATIONS = [
    Operation(method.upper(), template, operation)
    for template, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]
BY_NAME = {one.name: one for one in OPERATIONS}
