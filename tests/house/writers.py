"""A stream of writes by several people, who go on whatever happens and remember what they were answered.

Each request is written down, with its Idempotency-Key, before it is sent. An answer that says
nothing about the effect is asked for again, with the same key, until one does.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Self
from uuid import UUID

import httpx

from house.front_door import ORGANIZATIONS, PRESETS, SHOOTINGS, USERS, House, Person

INDETERMINATE = (502, 503, 504, 409)
"""409: a request with that key is in flight, or two collided; nothing here breaks a rule of the business."""
ANSWERED_WITHIN = 60.0
PAUSE = 0.2
"""Seconds before something is sent again."""
MANY = 30
"""As many things as a writer has before it changes more than it creates."""


class Notes:
    """What was sent and what came back, a line each, on disk before the request is."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.sent = 0
        self.answers = 0
        self._output = file.open("a", buffering=1)

    def about_to(self, key: str, method: str, path: str, body: Any) -> None:
        """Write down a request."""
        self.sent += 1
        self._write(key=key, method=method, path=path, body=body)

    def indeterminate(self, key: str, why: str) -> None:
        """Write down an answer that says nothing."""
        self._write(key=key, indeterminate=why)

    def answered(self, key: str, status: int) -> None:
        """Write down an answer."""
        self.answers += 1
        self._write(key=key, status=status)

    def timeline(self, key: str) -> str:
        """All lines about a request."""
        return "\n".join(line for line in self.file.read_text().splitlines() if f'"{key}' in line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._output.close()

    def _write(self, **line: Any) -> None:
        self._output.write(json.dumps({"at": round(time.monotonic(), 3), **line}) + "\n")


@dataclass
class Thing:
    """Something that a writer made: where it is, what it must show, None once it is deleted."""

    key: str
    path: str
    shows: dict[str, Any] | None
    left_alone: bool = False
    """Its organization is gone; until the services have heard of it, it is nobody's to change."""


@dataclass
class Writer:
    """Somebody who writes. Nobody else writes to their things, so the last answer is what must be there."""

    name: str
    person: Person
    random: Random
    notes: Notes
    things: list[Thing] = field(default_factory=list)
    count: int = 0

    async def run(self, stopping: asyncio.Event) -> None:
        """Write until told to stop; the last request is finished."""
        while not stopping.is_set():
            await self._choose()()

    def _choose(self) -> Callable[[], Awaitable[None]]:
        creating = [self._preset, self._preset, self._shooting, self._shooting, self._organization]
        changing: list[Callable[[], Awaitable[None]]] = [self._change, self._change, self._delete]
        if len(self._alive()) < 3:
            return self._preset
        if self.random.random() < 0.05:
            return self._give_up_an_organization
        return self.random.choice(changing if len(self._alive()) > MANY else creating + changing)

    async def _preset(self) -> None:
        body = {"width": self.random.randint(1, 4096), "height": 1, "organization_id": self._somewhere()}
        await self._create(PRESETS, "name", body)

    async def _shooting(self) -> None:
        due = f"20{self.random.randint(30, 99)}-01-01T00:00:00Z"
        await self._create(SHOOTINGS, "name", {"due_date": due, "organization_id": self._somewhere()})

    async def _organization(self) -> None:
        await self._create(ORGANIZATIONS, "name", {})

    async def _change(self) -> None:
        thing = self.random.choice(self._alive())
        body = self._other(thing.path)
        method = "PATCH" if thing.path.startswith((ORGANIZATIONS, USERS)) else "PUT"
        answer = await self._insist(method, thing.path, body)
        assert answer.status_code == 200, self._complaint(thing.key, answer)
        thing.shows = thing.shows and thing.shows | body

    async def _delete(self) -> None:
        thing = self.random.choice(self._alive())
        if not thing.path.startswith(ORGANIZATIONS):
            await self._end(thing)

    async def _give_up_an_organization(self) -> None:
        """What is in it becomes its last owner's, and that is this writer."""
        owned = [thing for thing in self._alive() if thing.path.startswith(ORGANIZATIONS)]
        if owned:
            await self._end(self.random.choice(owned))

    async def _end(self, thing: Thing) -> None:
        """404 is as good as 200 for a delete that was sent before."""
        answer = await self._insist("DELETE", thing.path, None)
        assert answer.status_code in (200, 404), self._complaint(thing.key, answer)
        thing.shows = None
        organization = thing.path.removeprefix(ORGANIZATIONS)
        for other in self._alive():
            if other.shows and other.shows.get("organization_id") == organization:
                other.shows |= {"organization_id": None, "owner_id": self.person.id}
                other.left_alone = True

    async def _create(self, path: str, named: str, body: dict[str, Any]) -> None:
        key = self._next_key()
        answer = await self._insist("POST", path, {named: key} | body, key)
        assert answer.status_code == 201, self._complaint(key, answer)
        self.things.append(Thing(key, path + answer.json()["id"], {named: key} | body))

    def _other(self, path: str) -> dict[str, Any]:
        """A change of one thing of that kind."""
        number = self.random.randint(1, 4096)
        if path.startswith(PRESETS):
            return {"width": number}
        if path.startswith(SHOOTINGS):
            return {"season": f"SS{number}"}
        if path.startswith(ORGANIZATIONS):
            return {"logo_url": f"https://example.com/{number}.png"}
        return {"full_name": f"Number {number}"}

    def _somewhere(self) -> str | None:
        """One of the writer's organizations, or nowhere: personal."""
        mine = [thing.path for thing in self._alive() if thing.path.startswith(ORGANIZATIONS)]
        return self.random.choice([None, *(path.removeprefix(ORGANIZATIONS) for path in mine)])

    def _alive(self) -> list[Thing]:
        return [thing for thing in self.things if thing.shows is not None and not thing.left_alone]

    def _next_key(self) -> str:
        self.count += 1
        return f"{self.name}-{self.count}"

    async def _insist(self, method: str, path: str, body: Any, key: str | None = None) -> httpx.Response:
        """Send it until an answer says what came of it; AssertionError when none does in time."""
        request = key or self._next_key()
        headers = {"Idempotency-Key": key} if key else {}
        deadline = time.monotonic() + ANSWERED_WITHIN
        while True:
            self.notes.about_to(request, method, path, body)
            answer = await self._send(request, method, path, body, headers)
            if answer is not None:
                return answer
            assert time.monotonic() < deadline, f"never answered:\n{self.notes.timeline(request)}"
            await asyncio.sleep(PAUSE)

    async def _send(
        self, request: str, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> httpx.Response | None:
        """The answer, None for one that says nothing."""
        try:
            answer = await self.person.http.request(method, path, json=body, headers=headers)
        except httpx.TransportError as failure:
            self.notes.indeterminate(request, repr(failure))
            return None
        if answer.status_code in INDETERMINATE:
            self.notes.indeterminate(request, f"{answer.status_code} {answer.text}")
            return None
        self.notes.answered(request, answer.status_code)
        return answer

    def _complaint(self, key: str, answer: httpx.Response) -> str:
        return f"{answer.status_code} {answer.text}\n{self.notes.timeline(key)}"


class Registrar(Writer):
    """A superuser who registers people instead."""

    def _choose(self) -> Callable[[], Awaitable[None]]:
        if len(self._alive()) < 3:
            return self._user
        return self.random.choice([self._user, self._change, self._change, self._change])

    async def _user(self) -> None:
        key = self._next_key()
        body = {"email": f"{key}@example.com", "full_name": key}
        answer = await self._insist("POST", USERS, body | {"password": "correct horse"}, key)
        assert answer.status_code == 201, self._complaint(key, answer)
        self.things.append(Thing(key, USERS + answer.json()["id"], body))


async def unreadable(house: House, writers: list[Writer]) -> list[str]:
    """I5: whatever was answered and can't be read back as it was last answered, a line each."""
    found = []
    for writer in writers:
        for thing in writer.things:
            answer = await writer.person.http.get(thing.path)
            seen = answer.json() if answer.status_code == 200 else None
            if not _as_told(thing.shows, seen):
                line = f"{thing.path} should show {thing.shows}, is {answer.status_code} {answer.text}"
                found.append(f"{line}\n{writer.notes.timeline(thing.key)}")
    return found


def _as_told(shows: dict[str, Any] | None, seen: dict[str, Any] | None) -> bool:
    if shows is None or seen is None:
        return shows is seen
    return all(seen[name] == value for name, value in shows.items())


def made_twice(created: list[tuple[str, UUID]], writers: list[Writer]) -> list[str]:
    """I5: keys by which other than one resource was made, a line each; `created` is every (name, id)."""
    ids: dict[str, set[UUID]] = {}
    for name, id_ in created:
        ids.setdefault(name, set()).add(id_)
    return [
        f"{thing.key} made {len(ids.get(thing.key, ()))} resources\n{writer.notes.timeline(thing.key)}"
        for writer in writers
        for thing in writer.things
        if len(ids.get(thing.key, ())) != 1
    ]
