"""Who may do what with looks, and what of others a look may be made from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from atelier.contracts.organizations import Role
from atelier.production.looks.models import Look
from atelier.runtime.auth import Principal

SHOOTINGS = "/api/v1/shootings/"
UNKNOWN = "There is nothing with this id that may be used here."


async def a_look(studio: Any) -> dict[str, Any]:
    """A look with one shot."""
    front = studio.shot_type()
    (look,) = await studio.looks(
        await studio.shooting(),
        product_ids=[studio.product()],
        subject_ids=[studio.subject()],
        shot_type_ids=[front],
    )
    return dict(look)


def operations(look: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Every operation on a look and its shot, as method and path."""
    inside, single = f"{SHOOTINGS}{look['shooting_id']}/looks", f"{SHOOTINGS}looks/{look['id']}"
    return {
        "list": ("GET", inside),
        "read in the shooting": ("GET", f"{inside}/{look['id']}"),
        "read": ("GET", single),
        "create": ("POST", inside),
        "start": ("POST", f"{single}/start-generations"),
        "generate": ("POST", f"/api/v1/shots/{look['shots'][0]['id']}/generate"),
        "delete": ("DELETE", f"{inside}/{look['id']}"),
    }


READS = {"list", "read in the shooting", "read"}


async def answers(client: Any, look: dict[str, Any], query: str = "") -> dict[str, int]:
    """The status of each operation; the delete comes last."""
    body = {"product_ids": [look["product_id"]], "subject_ids": [look["subject_id"]]}
    told = {}
    for name, (method, path) in operations(look).items():
        sent = body if name == "create" else None
        told[name] = (await client.request(method, path + query, json=sent)).status_code
    return told


def all_but(reads: int, **others: int) -> dict[str, int]:
    writes = {"create": 201, "start": 202, "generate": 202, "delete": 200} | others
    return dict.fromkeys(READS, reads) | writes


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.VIEWER, all_but(200, create=403, start=403, generate=403, delete=403)),
        (Role.MEMBER, all_but(200, delete=403)),
        (Role.ADMIN, all_but(200)),
        (Role.OWNER, all_but(200)),
    ],
)
async def test_in_an_organization_the_role_decides(
    studio_of: Callable[..., Any], role: Role, expected: dict[str, int]
) -> None:
    organization = uuid4()
    look = await a_look(studio_of(organization))
    assert await answers(studio_of(organization, role).client, look) == expected


async def test_for_everybody_else_nothing_is_there(
    studio_of: Callable[..., Any], production: Any, client_for: Any
) -> None:
    organization = uuid4()
    missing = all_but(404, create=404, start=404, generate=404, delete=404)
    for look in (await a_look(studio_of(organization)), await a_look(studio_of())):
        assert await answers(studio_of().client, look) == missing
        assert await answers(studio_of(uuid4(), Role.OWNER).client, look) == missing
        nobody = await answers(client_for(production, Principal.anonymous()), look)
        assert set(nobody.values()) == {401}
        everybody = client_for(production, Principal(user_id=uuid4(), superuser=True))
        assert await answers(everybody, look) == all_but(200)


async def test_a_members_own_look_is_theirs_to_delete(studio_of: Callable[..., Any]) -> None:
    studio = studio_of(uuid4())
    assert (await answers(studio.client, await a_look(studio)))["delete"] == 200


async def test_a_named_organization_has_to_be_the_looks(studio_of: Callable[..., Any]) -> None:
    organization = uuid4()
    studio = studio_of(organization)
    look = await a_look(studio)
    own = studio_of()
    personal = await a_look(own)
    for name, (method, path) in operations(look).items():
        if name in READS:
            fitting = await studio.client.request(method, f"{path}?organization_id={organization}")
            foreign = await studio.client.request(method, f"{path}?organization_id={uuid4()}")
            assert (fitting.status_code, foreign.status_code) == (200, 403)
    for method, path in operations(personal).values():
        assert (
            await studio.client.request(method, f"{path}?organization_id={organization}")
        ).status_code in (
            404,
            422,
        )


async def test_a_look_is_found_in_its_own_shooting_only(studio: Any) -> None:
    look, other = await a_look(studio), await studio.shooting()
    for method in ("GET", "DELETE"):
        answer = await studio.client.request(method, f"{SHOOTINGS}{other}/looks/{look['id']}")
        assert answer.status_code == 404
    assert (await studio.client.get(f"{SHOOTINGS}looks/{look['id']}")).status_code == 200


FIELDS: dict[str, Callable[[Any, Any], dict[str, Any]]] = {
    "product_ids": lambda own, foreign: {"product_ids": [own.product(), foreign.product()]},
    "subject_ids": lambda own, foreign: {"subject_ids": [own.subject(), foreign.subject()]},
    "shot_type_ids": lambda _, foreign: {"shot_type_ids": [foreign.shot_type(public=False)]},
    "default_resolution_preset_id": lambda _, f: {"default_resolution_preset_id": f.resolution()},
    "default_background_preset_id": lambda _, f: {"default_background_preset_id": f.background()},
    "product_id": lambda _, foreign: config(foreign.product()),
    "outfit_product_ids": lambda own, f: config(own.product(), outfit_product_ids=[f.product()]),
    "resolution_preset_id": lambda own, f: config(own.product(), resolution_preset_id=f.resolution()),
    "background_preset_id": lambda own, f: config(own.product(), background_preset_id=f.background()),
}


def config(product: Any, **fields: Any) -> dict[str, Any]:
    """One configuration instead of ids."""
    return {"product_ids": None, "product_outfit_configs": [{"product_id": product} | fields]}


@pytest.mark.parametrize("field", FIELDS)
async def test_what_is_anothers_is_unknown_in_every_field(studio_of: Callable[..., Any], field: str) -> None:
    """Another person's, another organization's, and one's own where the shooting is an organization's."""
    organization = uuid4()
    own = studio_of(organization)
    shooting = await own.shooting()
    personal = studio_of()
    personal.principal = own.principal
    for foreign in (studio_of(), studio_of(uuid4()), personal):
        body = {"product_ids": [own.product()], "subject_ids": [own.subject()]}
        answer = await own.ask(shooting, **(body | FIELDS[field](own, foreign)))
        assert answer.status_code == 422, answer.text
        (problem,) = answer.json()["detail"]
        assert field in problem["loc"]
        assert (problem["type"], problem["msg"]) == ("unknown_id", UNKNOWN)
    assert await own.count(Look, owner_id=own.principal.user_id) == 0


async def test_what_is_public_may_be_used_by_anybody(studio_of: Callable[..., Any]) -> None:
    own, other = studio_of(), studio_of(uuid4())
    subject, front = other.subject(public=True), other.shot_type()
    (look,) = await own.looks(
        await own.shooting(), product_ids=[own.product()], subject_ids=[subject], shot_type_ids=[front]
    )
    assert look["subject_id"] == str(subject.id)


async def test_a_deleted_thing_is_unknown(studio: Any) -> None:
    shooting = await studio.shooting()
    gone = {"deleted_at": "2030-01-01T00:00:00Z"}
    for fields in (
        {"product_ids": [studio.product(**gone)]},
        {"subject_ids": [studio.subject(**gone)]},
        {"shot_type_ids": [studio.shot_type(**gone)]},
        {"default_background_preset_id": studio.background(**gone)},
        {"default_resolution_preset_id": studio.resolution(**gone)},
    ):
        body = {"product_ids": [studio.product()], "subject_ids": [studio.subject()]}
        answer = await studio.ask(shooting, **(body | fields))
        assert (answer.status_code, answer.json()["detail"][0]["type"]) == (422, "unknown_id")
