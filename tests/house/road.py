"""The demo's road with small pictures, walked by somebody who remembers each answer."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pyvips
from rich.console import Console

from atelier_client import Token
from demo.api import Api
from demo.pictures import Garment, Picture
from demo.progress import shown
from demo.road import Delivered, Studio, walk
from house.front_door import House, Person

PAPER, MANNEQUIN, WALL = (243, 242, 239), (205, 198, 190), (214, 203, 187)
WIDTH, HEIGHT = 192, 256
"""Pixels of the pictures that are made: few, as it is their number that counts."""
MADE_AT = (
    "/api/v1/products/",
    "/api/v1/subjects/",
    "/api/v1/background-presets/",
    "/api/v1/shootings/",
)
"""Where a POST answers an entity that is read by its id below the same path."""


class Counting(httpx.AsyncHTTPTransport):
    """Counts all answers."""

    answers = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As httpx does."""
        response = await super().handle_async_request(request)
        self.answers += 1
        return response


class Walker(Api):
    """An API that keeps every answer to a POST with the path that was asked."""

    def __init__(self, gateway: str, login: httpx.Auth, organization: UUID | None = None) -> None:
        self._counting = Counting()
        super().__init__(gateway, login, organization, transport=self._counting)
        self.answered: list[tuple[str, dict[str, Any]]] = []

    @property
    def answers(self) -> int:
        """How many there were so far, to whatever."""
        return self._counting.answers

    async def send(self, request: dict[str, Any]) -> httpx.Response:
        """As the demo's, and remembered."""
        response = await super().send(request)
        if request["method"] == "POST":
            self.answered.append((request["url"], response.json()))
        return response

    def made(self) -> list[tuple[str, dict[str, Any]]]:
        """(Path, what was answered) of each entity that was made."""
        found = [(path + answer["id"], answer) for path, answer in self.answered if path in MADE_AT]
        for path, answer in self.answered:
            if path.endswith("/revision"):
                found.append((f"/api/v1/shots/revisions/{answer['id']}", answer))
            looks = answer.get("looks", ())
            found.extend((f"/api/v1/shootings/looks/{look['id']}", look) for look in looks)
        return found


def walking(house: House, person: Person, organization: str) -> Walker:
    """Somebody who is about to set out, for an organization."""
    return Walker(house.stack.gateway_url, Token(person.token), UUID(organization))


async def walk_small(walker: Walker, looks: int, out: Path) -> Delivered:
    """All the way, with so many looks of two shots each."""
    with shown(Console(file=io.StringIO())) as stages:
        return await walk(walker, garments(looks), studio(), out, stages)


def garments(count: int) -> list[Garment]:
    """So many different ones, each with a back."""
    return [
        Garment(f"Garment {number}", f"G-{number:03d}", _garment(number, 0), _garment(number, 1))
        for number in range(1, count + 1)
    ]


def studio() -> Studio:
    """A person of two blocks before a wall."""
    views = {
        f"{side}_full_body": _picture(f"{side}.png", 60 + 4 * number, MANNEQUIN, (80, 220))
        for number, side in enumerate(("front", "back"))
    }
    return Studio(views, _picture("wall.jpg", 0, WALL, (200, 260)), WIDTH, HEIGHT)


def _garment(number: int, side: int) -> Picture:
    colour = (40 + 9 * number, 90 + 60 * side, 200 - 8 * number)
    return _picture(f"garment-{number}-{side}.jpg", 90, colour, (100, 100))


def _picture(filename: str, margin: int, colour: tuple[int, ...], size: tuple[int, int]) -> Picture:
    """A block of one colour on paper."""
    block = pyvips.Image.black(*size, bands=3).new_from_image(list(colour)).copy(interpretation="srgb")
    width, height = size[0] + 2 * margin, size[1] + 2 * margin
    image = block.embed(margin, margin, width, height, extend="background", background=list(PAPER))
    suffix = filename[filename.rindex(".") :]
    content_type = {".jpg": "image/jpeg", ".png": "image/png"}[suffix]
    return Picture(filename, content_type, bytes(image.cast("uchar").write_to_buffer(suffix)))
