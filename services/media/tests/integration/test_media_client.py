"""Media and the client by which every other service asks it, over a real port."""

from __future__ import annotations

import base64
from typing import Any
from uuid import uuid4

import pytest
from media_pictures import encoded

from atelier.contracts.public.media import Cdn, MediaInput
from atelier.contracts.topics import TOPICS, Topics
from atelier.runtime.auth import InternalTokens
from atelier.runtime.authorization import Ownership
from atelier.runtime.errors import InvalidError, TooLargeError
from atelier.runtime.internal_client import InternalClient
from atelier.runtime.media_client import Attachment, IngestItem, MediaClient

LOC = ("body", "cover_image")


def item(image: str | MediaInput, loc: tuple[str | int, ...] = LOC) -> IngestItem:
    id_ = uuid4()
    meant = Attachment(
        kind="products", aggregate_id=id_, entity_type="PRODUCT", entity_id=id_, slot="cover_image"
    )
    return IngestItem.of(loc, image, meant)


async def test_what_another_service_does(person: Any, media: Any, start: Any) -> None:
    process = start()
    await process.ready()
    secret = media.settings.internal_token_secret.get_secret_value()
    asking = InternalClient(
        urls_of=lambda _: (f"http://127.0.0.1:{process.port}",),
        tokens=InternalTokens(secret, "catalog"),
        topics=Topics(TOPICS),
    )
    client, mine = MediaClient(asking), Ownership(person.principal.user_id, None)
    try:
        picture = encoded()
        place = await client.presign(
            person.principal, filename="a.png", content_type="image/png", file_size=None, folder="products"
        )
        await person.plain.put(place.upload_url, content=picture, headers={"Content-Type": "image/png"})
        uploaded = item(MediaInput(url=place.file_url, alt_text="A shirt"))
        inline = item(base64.b64encode(encoded()).decode())
        one, two = await client.ingest(person.principal, mine, [uploaded, inline])
        assert (one.alt_text, one.file_size, two.alt_text) == ("A shirt", len(picture), None)
        shown = Cdn(media.settings.cdn_url).show(one)
        assert shown is not None
        assert (await person.get(shown.url)).content == picture
        unknown = item(MediaInput(media_resource_id=uuid4()), ("body", "reference_images", 1))
        with pytest.raises(InvalidError) as refused:
            await client.ingest(person.principal, mine, [inline, unknown])
        (problem,) = refused.value.problems
        assert problem.loc == ("body", "reference_images", 1, "media_resource_id")
        assert problem.type == "unknown_id"
        with pytest.raises(TooLargeError):
            await client.ingest(person.principal, mine, [item("A" * 14_500_000)])
        with pytest.raises(InvalidError, match="this type"):
            await client.presign(
                person.principal, filename="a.exe", content_type="x/y", file_size=1, folder=""
            )
    finally:
        await asking.close()
