"""What is asked for: refusals that name their culprit, and who sees what."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from atelier.contracts.organizations import Role
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id

EXPORT = "/api/v1/products/export-approved-shots/async"
TASKS = "/api/v1/products/export-tasks"


def places(answer: Any) -> list[list[Any]]:
    """Where the problems are."""
    assert answer.status_code == 422, answer.text
    return [problem["loc"] for problem in answer.json()["detail"]]


@pytest.mark.parametrize(
    "body", [{}, {"product_ids": []}, {"product_ids": None, "shooting_id": str(uuid4())}]
)
async def test_products_or_a_look_have_to_be_named(world: Any, body: dict[str, Any]) -> None:
    assert places(await world.client.post(EXPORT, json=body)) == [["body", "product_ids"]]


async def test_a_look_excludes_products(world: Any) -> None:
    product = world.product()
    look = world.look(product)
    body = {"product_ids": [str(product.id)], "shooting_look_id": str(look.id)}
    assert places(await world.client.post(EXPORT, json=body)) == [["body", "product_ids"]]


@pytest.mark.parametrize("filters", [{}, {"brand": "Acme"}])
async def test_filters_come_later(world: Any, filters: dict[str, Any]) -> None:
    body = {"product_ids": [str(world.product().id)], "product_filters": filters}
    assert places(await world.client.post(EXPORT, json=body)) == [["body", "product_filters"]]


async def test_unknown_filters_are_named(world: Any) -> None:
    answer = await world.client.post(EXPORT, json={"product_filters": {"colour": "red"}})
    assert places(answer) == [["body", "product_filters", "colour"]]


async def test_every_unknown_id_is_named_at_its_place(world: Any) -> None:
    known, unknown = str(world.product().id), str(new_id())
    body = {"product_ids": [known, unknown, known, str(new_id())], "shooting_id": str(new_id())}
    expected = [["body", "product_ids", 1], ["body", "product_ids", 3], ["body", "shooting_id"]]
    assert places(await world.client.post(EXPORT, json=body)) == expected
    assert places(await world.client.post(EXPORT, json={"shooting_look_id": unknown})) == [
        ["body", "shooting_look_id"]
    ]


async def test_what_is_anothers_is_unknown(world: Any) -> None:
    somebody, organization = uuid4(), uuid4()
    product = world.product(owner_id=somebody)
    look = world.look(product)
    theirs = world.product(organization)
    for body in (
        {"product_ids": [str(product.id)]},
        {"shooting_look_id": str(look.id)},
        {"product_ids": [str(theirs.id)]},
    ):
        problems = (await world.client.post(EXPORT, json=body)).json()["detail"]
        assert [problem["type"] for problem in problems] == ["unknown_id"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"product_ids": ["x"]}, ["body", "product_ids", 0]),
        ({"product_ids": "x"}, ["body", "product_ids"]),
        ({"shooting_look_id": 7}, ["body", "shooting_look_id"]),
        ({"product_ids": [str(uuid4())] * 1001}, ["body", "product_ids"]),
    ],
)
async def test_bad_values_are_named(world: Any, body: dict[str, Any], place: list[Any]) -> None:
    assert places(await world.client.post(EXPORT, json=body))[0] == place


async def test_nothing_is_made_of_a_refused_request(world: Any) -> None:
    await world.client.post(EXPORT, json={"product_ids": [str(new_id())]})
    assert (await world.client.get(TASKS)).json() == {"data": [], "count": 0}


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), *((role, 202) for role in list(Role)[1:])])
async def test_who_may_export_for_an_organization(world: Any, role: Role, status: int) -> None:
    organization = uuid4()
    world.user = Principal(user_id=world.user.user_id, organizations={organization: role})
    product = world.product(organization)
    answer = await world.client.post(
        EXPORT, params={"organization_id": str(organization)}, json={"product_ids": [str(product.id)]}
    )
    assert answer.status_code == status, (list(Role), answer.text)


async def test_an_organization_of_others_is_403(world: Any) -> None:
    body = {"product_ids": [str(world.product().id)]}
    answer = await world.client.post(EXPORT, params={"organization_id": str(uuid4())}, json=body)
    assert answer.status_code == 403


async def test_nobody_is_asked_to_sign_in(world: Any) -> None:
    anonymous = world.client_for(world.service, Principal.anonymous())
    task = await world.ask(world.product())
    for method, path in (
        ("POST", EXPORT),
        ("GET", TASKS),
        ("GET", f"{TASKS}/{task['id']}"),
        ("DELETE", f"{TASKS}/{task['id']}"),
        ("DELETE", f"{TASKS}/{task['id']}/dismiss"),
        ("GET", f"{TASKS}/{task['id']}/download"),
        ("GET", f"/api/v1/shots/{uuid4()}/download"),
    ):
        assert (await anonymous.request(method, path)).status_code == 401, path


async def test_others_tasks_dont_exist(world: Any) -> None:
    organization = uuid4()
    world.user = Principal(user_id=world.user.user_id, organizations={organization: Role.MEMBER})
    product = world.product(organization)
    answer = await world.client.post(
        EXPORT, params={"organization_id": str(organization)}, json={"product_ids": [str(product.id)]}
    )
    path = f"{TASKS}/{answer.json()['id']}"
    owner = Principal(user_id=uuid4(), organizations={organization: Role.OWNER})
    gone = Principal(user_id=world.user.user_id)
    for somebody in (owner, gone, Principal(user_id=uuid4())):
        client = world.client_for(world.service, somebody)
        answers = [
            await client.get(path),
            await client.delete(path),
            await client.delete(f"{path}/dismiss"),
            await client.get(f"{path}/download"),
        ]
        assert {(one.status_code, one.json()["detail"]) for one in answers} == {
            (404, "Export task not found.")
        }
        assert (await client.get(TASKS)).json()["count"] == 0
    assert (await world.client.get(path)).status_code == 200
    administrator = world.client_for(world.service, Principal(user_id=uuid4(), superuser=True))
    assert (await administrator.get(path)).status_code == 200
    assert (await administrator.get(TASKS)).json()["count"] == 0


async def test_the_list_is_ones_own_newest_first_and_narrows_to_a_status(world: Any) -> None:
    product = world.product()
    asked = [(await world.ask(product))["id"] for _ in range(12)]
    cancelled = await world.client.delete(f"{TASKS}/{asked[3]}")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "CANCELLED")
    first = (await world.client.get(TASKS)).json()
    assert ([task["id"] for task in first["data"]], first["count"]) == (asked[:1:-1], 12)
    rest = (await world.client.get(TASKS, params={"skip": 10, "limit": 5})).json()
    assert [task["id"] for task in rest["data"]] == asked[1::-1]
    second = (await world.client.get(TASKS, params={"page": 2, "size": 7})).json()
    assert ([task["id"] for task in second["data"]], second["count"]) == (asked[4::-1], 12)
    of_status = (await world.client.get(TASKS, params={"status": "CANCELLED"})).json()
    assert ([task["id"] for task in of_status["data"]], of_status["count"]) == ([asked[3]], 1)
    assert (await world.client.get(TASKS, params={"status": "DONE"})).status_code == 422
    for wrong in ({"limit": 0}, {"limit": 10**9}, {"skip": -1}, {"page": 0}, {"page": 1, "limit": 5}):
        assert (await world.client.get(TASKS, params=wrong)).status_code == 422


async def test_a_waiting_task_is_cancelled_once_and_not_downloaded(world: Any) -> None:
    path = f"{TASKS}/{(await world.ask(world.product()))['id']}"
    assert (await world.client.get(f"{path}/download")).status_code == 409
    assert (await world.client.delete(f"{path}/dismiss")).status_code == 409
    stale = await world.client.delete(path, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    current = (await world.client.get(path)).headers["etag"]
    assert (await world.client.delete(path, headers={"If-Match": current})).status_code == 200
    assert (await world.client.delete(path)).status_code == 409
    assert (await world.client.get(f"{path}/download")).status_code == 409
    assert await world.told(path.rsplit("/", 1)[1]) == ["ExportRequested", "ExportCancelled"]


async def test_a_repeated_request_is_one_task(world: Any) -> None:
    body, key = {"product_ids": [str(world.product().id)]}, {"Idempotency-Key": str(uuid4())}
    first = await world.client.post(EXPORT, json=body, headers=key)
    again = await world.client.post(EXPORT, json=body, headers=key)
    assert (again.status_code, again.json()) == (202, first.json())
    assert (await world.client.get(TASKS)).json()["count"] == 1


async def test_services_read_tasks_and_others_only_their_own(world: Any) -> None:
    id_ = (await world.ask(world.product()))["id"]
    path = f"/internal/export-tasks?ids={id_}"
    for principal, found in (
        (Principal.of_service("stats"), 1),
        (world.user, 1),
        (Principal(user_id=uuid4()), 0),
    ):
        answer = await world.client_for(world.service, principal).get(path)
        assert len(answer.json()["data"]) == found


async def test_the_database_is_what_the_rows_say(world: Any) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from atelier.runtime.database import Row

    tables = {"export_tasks", "export_items", "renditions"}

    def differences(connection: Any) -> list[Any]:
        options = {
            "include_object": lambda item, name, kind, *_: (
                (name if kind == "table" else item.table.name) in tables
            ),
            "compare_type": True,
            "compare_server_default": True,
        }
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Row.metadata))

    async with world.service.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    assert UUID((await world.ask(world.product()))["id"])
