"""Shootings over HTTP; the rules that hold everywhere are in the workspace's `tests/rules`."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from atelier.production.shootings.models import Shooting

SHOOTINGS = "/api/v1/shootings/"
TEXTS = ("description", "season", "collection", "brand")


async def computed(production: Any, id_: str, status: str, shot_status: str | None = None) -> None:
    """Give a shooting the statuses that its looks and shots will give it."""
    statement = update(Shooting).where(Shooting.id == UUID(id_))
    async with production.sessions.begin() as session:
        await session.execute(statement.values(status=status, shot_status=shot_status))


async def test_a_shooting_is_answered_with_every_field(client: Any, shooting: Any) -> None:
    texts = {name: name.title() for name in TEXTS}
    answer = await client.post(SHOOTINGS, json=shooting(archived=True, **texts))
    assert answer.status_code == 201
    body = answer.json()
    known = {key: body.pop(key) for key in ("id", "created_at", "updated_at", "owner_id")}
    assert all(known.values())
    assert body == texts | {
        "name": "Spring",
        "due_date": "2030-03-01T09:00:00Z",
        "archived": True,
        "organization_id": None,
        "default_guidelines_id": None,
        "default_guidelines": None,
        "shot_status": None,
        "status": "WITHOUT_STATUS",
    }


async def test_the_list_answers_them_without_looks_and_one_by_id_with_them(
    client: Any, shooting: Any
) -> None:
    made = (await client.post(SHOOTINGS, json=shooting())).json()
    assert (await client.get(SHOOTINGS)).json() == {"data": [made], "count": 1}
    assert (await client.get(SHOOTINGS + made["id"])).json() == made | {"looks": []}


async def test_what_isnt_given_is_empty(client: Any, shooting: Any) -> None:
    made = (await client.post(SHOOTINGS, json=shooting())).json()
    assert [made[name] for name in TEXTS] == [None] * len(TEXTS)
    assert made["archived"] is False


@pytest.mark.parametrize("field", ["name", "due_date"])
async def test_every_required_field_is_asked_for(client: Any, shooting: Any, field: str) -> None:
    body = shooting()
    del body[field]
    for sent in (body, body | {field: None}):
        answer = await client.post(SHOOTINGS, json=sent)
        assert [problem["loc"] for problem in answer.json()["detail"]] == [["body", field]]


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("2030-03-01T09:00:00+02:00", "2030-03-01T07:00:00Z"),
        ("2030-03-01T09:00:00", "2030-03-01T09:00:00Z"),
        ("2030-03-01T09:00:00.123456Z", "2030-03-01T09:00:00.123456Z"),
        ("2030-03-01", "2030-03-01T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
async def test_due_dates_are_kept_in_utc(client: Any, shooting: Any, sent: str, answered: str) -> None:
    made = (await client.post(SHOOTINGS, json=shooting(due_date=sent))).json()
    assert made["due_date"] == answered
    assert (await client.get(SHOOTINGS + made["id"])).json()["due_date"] == answered


@pytest.mark.parametrize(
    "due_date",
    ["soon", "", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2030-13-01", 10**30, [], {}],
)
async def test_what_is_no_due_date_is_422(client: Any, shooting: Any, due_date: Any) -> None:
    answer = await client.post(SHOOTINGS, json=shooting(due_date=due_date))
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "due_date"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_only_what_is_sent_changes(client: Any, shooting: Any, method: str) -> None:
    made = (await client.post(SHOOTINGS, json=shooting(description="Outdoors"))).json()
    for change in (
        {"name": "Summer"},
        {"archived": True},
        {"season": "SS30", "brand": "B"},
        {"archived": False},
    ):
        before = (await client.get(SHOOTINGS + made["id"])).json()
        answer = await client.request(method, SHOOTINGS + made["id"], json=change)
        after = answer.json() | {"looks": []}
        assert after == before | change | {"updated_at": after["updated_at"]}


@pytest.mark.parametrize("field", [*TEXTS, "due_date"])
async def test_null_clears_what_may_be_empty(client: Any, shooting: Any, field: str) -> None:
    made = (await client.post(SHOOTINGS, json=shooting(**dict.fromkeys(TEXTS, "x")))).json()
    changed = (await client.put(SHOOTINGS + made["id"], json={field: None})).json()
    assert changed == made | {field: None, "updated_at": changed["updated_at"]}


@pytest.mark.parametrize("field", ["name", "archived", "owner_id"])
async def test_null_changes_nothing_where_the_answer_has_no_null(
    client: Any, shooting: Any, field: str
) -> None:
    made = await client.post(SHOOTINGS, json=shooting(archived=True))
    answer = await client.put(SHOOTINGS + made.json()["id"], json={field: None})
    assert (answer.status_code, answer.json()) == (200, made.json())
    assert answer.headers["etag"] == made.headers["etag"]


@pytest.mark.parametrize("field", [*TEXTS, "archived"])
async def test_texts_are_bounded_and_flags_are_flags(client: Any, shooting: Any, field: str) -> None:
    longest = {"description": 10_000, "archived": 0}.get(field, 255)
    too_long = await client.post(SHOOTINGS, json=shooting(**{field: "x" * (longest + 1)}))
    assert too_long.status_code == 422
    assert too_long.json()["detail"][0]["loc"] == ["body", field]
    if field != "archived":
        assert (await client.post(SHOOTINGS, json=shooting(**{field: "x" * longest}))).status_code == 201


async def test_guidelines_that_dont_exist_are_422(client: Any, shooting: Any) -> None:
    made = (await client.post(SHOOTINGS, json=shooting(default_guidelines_id=None))).json()
    body = {"default_guidelines_id": str(uuid4()), "name": "Changed"}
    for answer in (
        await client.post(SHOOTINGS, json=shooting(**body)),
        await client.put(SHOOTINGS + made["id"], json=body),
    ):
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["body", "default_guidelines_id"]
    assert (await client.get(SHOOTINGS)).json() == {"data": [made], "count": 1}


async def test_a_delete_is_for_good(client: Any, production: Any, shooting: Any) -> None:
    made = (await client.post(SHOOTINGS, json=shooting())).json()
    assert (await client.delete(SHOOTINGS + made["id"])).json() == {"message": "Shooting deleted."}
    assert (await client.get(SHOOTINGS + made["id"])).status_code == 404
    assert (await client.delete(SHOOTINGS + made["id"])).status_code == 404
    async with production.sessions() as session:
        assert await session.get(Shooting, UUID(made["id"])) is None


async def test_computed_statuses_are_shown_and_count_no_version(
    client: Any, production: Any, shooting: Any
) -> None:
    made = (await client.post(SHOOTINGS, json=shooting())).json()
    await computed(production, made["id"], "REVIEW", "REVIEW")
    answer = await client.get(SHOOTINGS + made["id"])
    assert answer.json() == made | {"looks": [], "status": "REVIEW", "shot_status": "REVIEW"}
    assert answer.headers["etag"] == '"1"'


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["APPROVED", "REVIEW", "DRAFT", "WITHOUT_STATUS"]),
        ("statuses=DRAFT", ["DRAFT"]),
        ("statuses=DRAFT&statuses=REVIEW", ["REVIEW", "DRAFT"]),
        ("statuses=DRAFT,REVIEW", ["REVIEW", "DRAFT"]),
        ("statuses=DRAFT,%20REVIEW,&statuses=WITHOUT_STATUS", ["REVIEW", "DRAFT", "WITHOUT_STATUS"]),
        ("statuses=PENDING", []),
        ("statuses=", ["APPROVED", "REVIEW", "DRAFT", "WITHOUT_STATUS"]),
        ("statuses=DRAFT,REVIEW&limit=1", ["REVIEW"]),
    ],
)
async def test_the_list_narrows_to_statuses(
    client: Any, production: Any, shooting: Any, query: str, expected: list[str]
) -> None:
    for status in ("WITHOUT_STATUS", "DRAFT", "REVIEW", "APPROVED"):
        made = (await client.post(SHOOTINGS, json=shooting(name=status))).json()
        await computed(production, made["id"], status)
    answer = (await client.get(f"{SHOOTINGS}?{query}")).json()
    assert [one["status"] for one in answer["data"]] == expected
    assert answer["count"] == (2 if "limit" in query else len(expected))


@pytest.mark.parametrize("statuses", ["draft", "DRAFT,NOTHING", "DRAFT;REVIEW", "%F0%9F%8E%AC"])
async def test_an_unknown_status_is_422(client: Any, statuses: str) -> None:
    answer = await client.get(f"{SHOOTINGS}?statuses={statuses}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][:2] == ["query", "statuses"]
