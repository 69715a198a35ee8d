"""Files by path: redirects to stored pictures, converted where that is asked for, and to nowhere else."""

from __future__ import annotations

import asyncio
import base64
from typing import Any
from uuid import uuid4

import pytest
import pyvips
from media_corpora import other_paths
from media_pictures import encoded, image

from atelier.media.bootstrap import declare
from atelier.media.settings import Settings
from atelier.runtime.auth import Principal
from atelier.runtime.storage import Storage, StorageError

TYPES = {
    "webp": "image/webp",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "avif": "image/avif",
    "gif": "image/gif",
}


@pytest.fixture
def nobody(person_of: Any) -> Any:
    """Somebody without a login."""
    return person_of(Principal.anonymous())


@pytest.fixture
async def stored(person: Any) -> dict[str, Any]:
    """A PNG that is stored."""
    (made,) = await person.taken({"source": base64.b64encode(encoded()).decode()})
    return dict(made)


async def test_a_file_is_where_it_is_stored(nobody: Any, stored: dict[str, Any], media: Any) -> None:
    answer = await nobody.client.get(f"/files/{stored['key']}")
    assert answer.status_code == 302
    assert answer.headers["location"] == f"{media.settings.cdn_url}/{stored['key']}"
    assert (await nobody.get(answer.headers["location"])).status_code == 200


@pytest.mark.parametrize("type_", TYPES)
async def test_a_converted_copy_is_made_once_and_kept(
    nobody: Any, stored: dict[str, Any], storage: Any, type_: str
) -> None:
    answers = await asyncio.gather(
        *(nobody.client.get(f"/files/{stored['key']}", params={"type": type_}) for _ in range(3))
    )
    (location,) = {answer.headers["location"] for answer in answers}
    assert {answer.status_code for answer in answers} == {302}
    shown = await nobody.get(location)
    assert (shown.status_code, shown.headers["content-type"]) == (200, TYPES[type_])
    made = pyvips.Image.new_from_buffer(shown.content, "")
    assert (made.width, made.height) == (40, 30)
    key = location[location.index("media/") :]
    before = await storage.head(key)
    await nobody.client.get(f"/files/{stored['key']}", params={"type": type_})
    assert (await storage.head(key)).modified == before.modified


async def test_converted_copies_are_upright(nobody: Any, person: Any) -> None:
    made = image(40, 30).copy()
    made.set_type(pyvips.GValue.gint_type, "orientation", 6)
    (stored,) = await person.taken({"source": base64.b64encode(encoded("image/jpeg", made)).decode()})
    answer = await nobody.client.get(f"/files/{stored['key']}", params={"type": "png"})
    shown = await nobody.get(answer.headers["location"])
    copy = pyvips.Image.new_from_buffer(shown.content, "")
    assert (copy.width, copy.height) == (30, 40)


async def test_copies_go_with_their_picture(
    nobody: Any, stored: dict[str, Any], storage: Any, inside: Any
) -> None:
    await nobody.client.get(f"/files/{stored['key']}", params={"type": "webp"})
    await inside.rows("DELETE FROM media_resources WHERE id = :id", id=stored["id"])
    await inside.run_jobs("remove-unnamed-bytes", due_only=False)
    assert [one.key async for one in storage.list(f"media/{stored['id']}/")] == []
    assert (await nobody.client.get(f"/files/{stored['key']}")).status_code == 404


async def test_a_copy_that_is_made_while_its_picture_goes_does_not_stay(
    nobody: Any, stored: dict[str, Any], storage: Any, inside: Any, monkeypatch: Any
) -> None:
    """Also where it was tried before, and what that had arranged is done."""
    path, upload, tries = f"/files/{stored['key']}", Storage.upload, 0

    async def too_late(self: Storage, *args: Any) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise StorageError("storage is away")
        await inside.rows("DELETE FROM media_resources WHERE id = :id", id=stored["id"])
        await upload(self, *args)

    monkeypatch.setattr(Storage, "upload", too_late)
    assert (await nobody.client.get(path, params={"type": "webp"})).status_code == 503
    await inside.run_jobs("remove-unnamed-bytes", due_only=False)
    await nobody.client.get(path, params={"type": "webp"})
    await inside.run_jobs("remove-unnamed-bytes", due_only=False)
    assert [one.key async for one in storage.list(f"media/{stored['id']}/")] == []


async def test_a_transforming_cdn_converts_itself(make_service: Any, person_of: Any) -> None:
    service = await make_service(declare, Settings, transforming_cdn=True)
    person = person_of(Principal(user_id=uuid4()), service=service)
    (stored,) = await person.taken({"source": base64.b64encode(encoded()).decode()})
    answer = await person.client.get(f"/files/{stored['key']}", params={"type": "avif"})
    cdn = service.settings.cdn_url
    assert answer.headers["location"] == f"{cdn}/cdn-cgi/image/format=avif,quality=90/{stored['key']}"
    answer = await person.client.get(f"/files/{stored['key']}")
    assert answer.headers["location"] == f"{cdn}/{stored['key']}"


async def test_other_types_are_422(nobody: Any, stored: dict[str, Any]) -> None:
    for type_ in ("svg", "exe", "WEBP\r\n", "", "../png"):
        answer = await nobody.client.get(f"/files/{stored['key']}", params={"type": type_})
        assert answer.status_code == 422, type_


async def test_no_path_leads_anywhere_else(nobody: Any, stored: dict[str, Any], media: Any) -> None:
    made = other_paths(stored["key"])
    assert len(made) >= 200
    allowed = f"{media.settings.cdn_url}/{stored['key']}"
    for path in made:
        answer = await nobody.client.get(f"http://service/files/{path}")
        if answer.status_code == 302:  # the client itself took the dots away, or a query followed
            assert answer.headers["location"] == allowed, path
        else:
            assert answer.status_code in (404, 422), path
        assert "set-cookie" not in answer.headers
