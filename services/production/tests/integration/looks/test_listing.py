"""The list of a shooting's looks, narrowed by what each of them is and shows."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from atelier.contracts.users import UserState
from atelier.production.looks.models import Look
from atelier.production.progress import progress_of

SHOOTINGS = "/api/v1/shootings/"


async def furnished(studio: Any) -> tuple[str, dict[str, dict[str, Any]]]:
    """A shooting with one look of each kind, by a word for it."""
    front, subject, shooting = studio.shot_type(), studio.subject(), await studio.shooting()
    looks = {}
    for word, fields in {
        "draft": {"status": "DRAFT"},
        "bare": {},
        "pending": {"shot_type_ids": [front]},
        "approved": {"shot_type_ids": [front]},
    }.items():
        product = studio.product(name=f"The {word} Dress", sku=f"SKU_{word}%", product_type=word.title())
        (looks[word],) = await studio.looks(shooting, product_ids=[product], subject_ids=[subject], **fields)
    approved = progress_of("APPROVED")
    await change(studio, looks["approved"], progress=approved, shot_progress=approved)
    return shooting, looks


async def change(studio: Any, look: dict[str, Any], **values: Any) -> None:
    """Give a look what no operation gives it here."""
    async with studio.service.sessions.begin() as session:
        await session.execute(update(Look).where(Look.id == UUID(look["id"])).values(**values))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "approved pending bare draft"),
        ("shot_statuses=DRAFT", "draft"),
        ("shot_statuses=READY", "approved pending bare"),
        ("shot_statuses=WITHOUT_STATUS", "bare draft"),
        ("shot_statuses=PENDING", "pending"),
        ("shot_statuses=APPROVED,PENDING", "approved pending"),
        ("shot_statuses=APPROVED&shot_statuses=DRAFT", "approved draft"),
        ("shot_statuses=REVIEW", ""),
        ("product_name=dress", "approved pending bare draft"),
        ("product_name=BARE%20d", "bare"),
        ("product_name=%25", ""),
        ("product_sku=_b", "bare"),
        ("product_sku=draft%25", "draft"),
        ("product_sku=nothing", ""),
        ("product_type=pending", "pending"),
        ("product_type=pend", ""),
        ("product_name=dress&shot_statuses=PENDING&product_type=PENDING", "pending"),
        ("limit=2", "approved pending"),
        ("skip=3", "draft"),
        ("page=2&size=3", "draft"),
        ("product_ids=&assignee_ids=&shot_statuses=", "approved pending bare draft"),
    ],
)
async def test_the_list_is_narrowed(studio: Any, query: str, words: str) -> None:
    shooting, looks = await furnished(studio)
    by_id = {look["id"]: word for word, look in looks.items()}
    listed = await studio.listed(shooting, query)
    assert [by_id[look["id"]] for look in listed["data"]] == words.split()
    paged = any(word in query for word in ("limit", "skip", "page"))
    assert listed["count"] == (4 if paged else len(words.split()))


async def test_the_list_is_narrowed_to_products_and_assignees(studio: Any) -> None:
    shooting, looks = await furnished(studio)
    names = {"email": "ada@example.com", "full_name": "Ada"}
    user = studio._own(UserState, names)
    await change(studio, looks["bare"], assignee_id=user.id)
    some = f"product_ids={looks['bare']['product_id']},{looks['draft']['product_id']}"
    assert (await studio.listed(shooting, some))["count"] == 2
    assert (await studio.listed(shooting, f"product_ids={uuid4()}"))["count"] == 0
    (look,) = (await studio.listed(shooting, f"assignee_ids={user.id}"))["data"]
    assert (look["assignee_id"], look["assignee"]) == (str(user.id), {"id": str(user.id)} | names)
    assert (await studio.listed(shooting, f"{some}&assignee_ids={user.id}"))["count"] == 1


@pytest.mark.parametrize(
    "query", ["shot_statuses=draft", "product_ids=x", "assignee_ids=1", "limit=0", "limit=1001", "skip=-1"]
)
async def test_what_is_no_filter_is_422(studio: Any, query: str) -> None:
    answer = await studio.client.get(f"{SHOOTINGS}{await studio.shooting()}/looks?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][:2] == ["query", query.split("=")[0]]


async def test_the_list_follows_its_shootings_access(studio_of: Any) -> None:
    organization = uuid4()
    studio = studio_of(organization)
    shooting, _ = await furnished(studio)
    for query in ("", f"organization_id={organization}"):
        assert (await studio.listed(shooting, query))["count"] == 4
    assert (await studio_of().client.get(f"{SHOOTINGS}{shooting}/looks")).status_code == 404
