"""What the running gateway says of itself is what is committed, and needs no other host."""

from __future__ import annotations

import json
import re
from pathlib import Path

from house.front_door import House

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


async def test_the_document_is_the_committed_one(house: House) -> None:
    served = (await house.client().get("/openapi.json")).json()
    assert served == json.loads(COMMITTED.read_text()), "run `make docs`"


async def test_the_page_and_its_files_come_from_this_house_alone(house: House) -> None:
    page = (await house.client().get("/docs")).text
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert links
    assert all(link.startswith("/docs/") for link in links)
    assert "//" not in page.replace("<!DOCTYPE html>", "")
    for link in links:
        assert (await house.client().get(link)).status_code == 200


async def test_every_operation_documents_the_errors_that_it_answers(house: House) -> None:
    paths = (await house.client().get("/openapi.json")).json()["paths"]
    for path, item in paths.items():
        for method, operation in item.items():
            if operation.get("security"):
                own = path.startswith("/health/")  # the gateway's: there is nothing in it to be missing
                expected = {"401", "403"} if own else {"401", "403", "404", "503"}
                assert expected <= operation["responses"].keys(), f"{method} {path}"
            assert operation["summary"]
