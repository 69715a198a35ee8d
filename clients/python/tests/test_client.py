"""The layer that is written by hand, against a gateway that answers as a test wants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from atelier_client import ApiKey, AsyncAtelier, Atelier, Password, RefusedError, Token, every, every_async
from atelier_client.models import ResolutionPresetCreate, UserPublic

GATEWAY, STORAGE = "http://atelier.example", "http://storage.example/temp/a%20b?X-Amz-Signature=%2Fx"
IN_FLIGHT = "A request with this Idempotency-Key is still being worked on; repeat it in a moment."
TOKENS = {"access_token": "first", "token_type": "bearer", "expires_in": 900, "refresh_token": "atr_1"}
SQUARE = ResolutionPresetCreate(name="Square", width=1024, height=1024)
ID = "0198a2b4-7c1e-7e3a-9a55-3f1f6f0c2d11"


class Gateway:
    """Answers from a list, one after the other, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | httpx.TransportError) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(
            httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        )
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, login: httpx.Auth | None = None, patience: float = 5) -> Atelier:
        return Atelier(GATEWAY, login, patience=patience, transport=httpx.MockTransport(self))

    def async_client(self, login: httpx.Auth | None = None) -> AsyncAtelier:
        return AsyncAtelier(GATEWAY, login, patience=5, transport=httpx.MockTransport(self))

    def heard(self, header: str) -> list[str | None]:
        """That header of each request."""
        return [request.headers.get(header) for request in self.asked]


def said(status: int, **body: Any) -> httpx.Response:
    return httpx.Response(status, json=body)


def preset(number: int = 0) -> dict[str, Any]:
    return {
        "id": f"0198a2b4-7c1e-7e3a-9a55-3f1f6f0c2{number:03d}",
        "created_at": "2026-11-01T09:00:00Z",
        "updated_at": "2026-11-01T09:00:00Z",
        "deleted_at": None,
        "name": f"Preset {number}",
        "width": 1024,
        "height": 1024,
        "owner_id": ID,
        "organization_id": None,
    }


REFUSED, GONE = httpx.ConnectError("refused"), httpx.ReadError("gone")
AWAY = [(status, "It is away.") for status in (429, 502, 503, 504)]
MAYBE_LOST = pytest.mark.parametrize("first", [REFUSED, GONE, *AWAY, (409, IN_FLIGHT)], ids=repr)


def came(first: Any) -> httpx.Response | httpx.TransportError:
    """An answer of that status and detail, or what kept it from coming."""
    return said(first[0], detail=first[1]) if isinstance(first, tuple) else first


@MAYBE_LOST
def test_a_post_that_may_be_lost_is_sent_again_with_its_key(first: Any) -> None:
    gateway = Gateway(came(first), said(201, **preset()))
    made = gateway.client(Token("t")).resolution_presets.create_resolution_preset(body=SQUARE)
    assert (made.name, made.deleted_at) == ("Preset 0", None)
    first_key, second_key = gateway.heard("Idempotency-Key")
    assert first_key
    assert first_key == second_key
    assert gateway.asked[0].content == gateway.asked[1].content


@MAYBE_LOST
async def test_so_it_is_with_asyncio(first: Any) -> None:
    gateway = Gateway(came(first), said(201, **preset()))
    async with gateway.async_client(Token("t")) as atelier:
        await atelier.resolution_presets.create_resolution_preset(body=SQUARE)
    assert len(set(gateway.heard("Idempotency-Key"))) == 1
    assert len(gateway.asked) == 2


def test_each_post_has_a_key_of_its_own_unless_one_is_given() -> None:
    gateway = Gateway(*(said(201, **preset()) for _ in range(3)))
    atelier = gateway.client()
    for client in (atelier, atelier, atelier.once("order 17")):
        client.resolution_presets.create_resolution_preset(body=SQUARE)
    first, second, third = gateway.heard("Idempotency-Key")
    assert first != second
    assert third == "order 17"


@pytest.mark.parametrize("answer", [GONE, (502, "It is away.")], ids=repr)
def test_a_deletion_that_may_have_happened_is_not_sent_again(answer: Any) -> None:
    gateway = Gateway(came(answer))
    with pytest.raises((httpx.ReadError, RefusedError)):
        gateway.client().resolution_presets.delete_resolution_preset(ID)
    assert len(gateway.asked) == 1


def test_patience_ends_with_the_last_answer() -> None:
    gateway = Gateway(*(said(503, detail="The catalog service can't be reached.") for _ in range(20)))
    with pytest.raises(RefusedError, match=r"GET .*/users/me was refused with 503: The catalog") as refused:
        gateway.client(patience=0.3).users.read_me()
    assert refused.value.status == 503
    assert 1 < len(gateway.asked) < 6


def test_a_refusal_names_each_field_that_is_wrong() -> None:
    problems = [{"loc": ["body", "width"], "msg": "Input should be greater than 0", "type": "greater_than"}]
    answer = httpx.Response(422, json={"detail": problems}, headers={"X-Request-ID": "r-1"})
    with pytest.raises(RefusedError, match=r"422: body\.width: Input should be greater than 0") as refused:
        Gateway(answer).client().resolution_presets.create_resolution_preset(body=SQUARE)
    assert (refused.value.detail, refused.value.request_id) == (problems, "r-1")


def test_what_is_no_answer_of_the_gateway_is_told_as_it_came() -> None:
    with pytest.raises(RefusedError, match="413: <html>too large") as refused:
        Gateway(httpx.Response(413, text="<html>too large")).client().users.read_me()
    assert refused.value.request_id is None


def test_a_password_signs_in_once_and_again_when_its_token_ends() -> None:
    again = TOKENS | {"access_token": "second"}
    lists = [said(200, data=[], count=0) for _ in range(3)]
    gateway = Gateway(
        said(200, **TOKENS), *lists[:2], said(401, detail="Expired."), said(200, **again), lists[2]
    )
    atelier = gateway.client(Password("me@example.com", "secret"))
    for _ in range(3):
        atelier.resolution_presets.list_resolution_presets()
    expected = [None, "Bearer first", "Bearer first", "Bearer first", None, "Bearer second"]
    assert gateway.heard("Authorization") == expected
    assert gateway.asked[0].content == b"username=me%40example.com&password=secret"


def test_a_password_that_is_not_taken_is_told_as_that() -> None:
    gateway = Gateway(said(401, detail="Wrong email or password."))
    with pytest.raises(RefusedError, match="login/access-token was refused with 401: Wrong email"):
        gateway.client(Password("me@example.com", "wrong")).users.read_me()
    assert len(gateway.asked) == 1


async def test_an_api_key_goes_in_its_own_header() -> None:
    gateway = Gateway(said(200, data=[], count=0))
    async with gateway.async_client(ApiKey("atk_1")) as atelier:
        await atelier.resolution_presets.list_resolution_presets()
    assert (gateway.heard("X-API-Key"), gateway.heard("Authorization")) == (["atk_1"], [None])


async def test_a_list_comes_in_pages_as_if_in_one_piece() -> None:
    pages = [([preset(0), preset(1)], 3), ([preset(2)], 3)]
    gateway = Gateway(*(said(200, data=data, count=count) for data, count in pages * 2))
    names = ["Preset 0", "Preset 1", "Preset 2"]
    atelier = gateway.client()
    assert [one.name for one in every(atelier.resolution_presets.list_resolution_presets)] == names
    async with gateway.async_client() as client:
        listed = every_async(client.resolution_presets.list_resolution_presets, organization_id=ID)
        assert [one.name async for one in listed] == names
    assert [request.url.params["skip"] for request in gateway.asked] == ["0", "2"] * 2
    assert gateway.asked[-1].url.params["organization_id"] == ID


def test_an_upload_goes_to_the_storage_as_signed_and_without_the_login() -> None:
    place = {
        "upload_url": STORAGE,
        "upload_method": "PUT",
        "file_url": "http://cdn.example/a",
        "expires_in_seconds": 900,
        "max_file_size": 10,
    }
    busy, gone = httpx.Response(500), httpx.WriteError("gone")
    gateway = Gateway(said(200, **place), busy, gone, httpx.Response(200))
    assert gateway.client(Token("t")).upload(b"bytes", "a.webp", "image/webp") == "http://cdn.example/a"
    last = gateway.asked[-1]
    assert (str(last.url), last.content) == (STORAGE, b"bytes")
    assert last.headers["Content-Type"] == "image/webp"
    assert gateway.heard("Authorization") == ["Bearer t", None, None, None]


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body whose connection ends in the middle."""

    def __iter__(self) -> Any:
        yield b"half"
        raise httpx.ReadError("gone")

    async def __aiter__(self) -> Any:
        yield b"half"
        raise httpx.ReadError("gone")


async def test_a_file_is_saved_from_its_beginning_where_a_connection_ends_early(tmp_path: Path) -> None:
    answers = [httpx.Response(200, stream=Broken()), httpx.Response(200, content=b"whole")]
    Gateway(*answers).client(Token("t")).save(STORAGE, tmp_path / "a")
    answers = [httpx.Response(200, stream=Broken()), httpx.Response(200, content=b"whole")]
    async with (gateway := Gateway(*answers)).async_client(Token("t")) as atelier:
        await atelier.save(STORAGE, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == b"whole"
    assert gateway.heard("Authorization") == [None, None]


def test_a_file_that_is_gone_is_refused_and_leaves_none_behind(tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as refused:
        Gateway(httpx.Response(404, text="<NoSuchKey/>")).client().save(STORAGE, tmp_path / "a")
    assert (refused.value.status, refused.value.detail) == (404, "<NoSuchKey/>")
    assert not (tmp_path / "a").exists()


def test_a_redirect_is_answered_as_the_address_it_leads_to() -> None:
    gateway = Gateway(httpx.Response(307, headers={"Location": STORAGE}))
    assert gateway.client().downloads.download_shot(ID) == STORAGE


def test_values_and_fields_of_a_newer_gateway_are_taken() -> None:
    user = {
        "id": ID,
        "email": "me@example.com",
        "full_name": None,
        "is_active": True,
        "is_superuser": False,
        "created_at": "2026-11-01T09:00:00Z",
        "updated_at": "2026-11-01T09:00:00Z",
    }
    read = UserPublic.from_dict(user | {"shoe_size": 43})
    assert (read.email, read["shoe_size"]) == ("me@example.com", 43)
