"""The tenant matrix: every operation of the merged document by everybody, held to what its route declares."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from atelier.contracts.organizations import Role
from atelier.contracts.topics import TOPICS
from atelier.runtime.http import access
from house.belongings import API_KEYS, EXPORT, PRODUCTS, SHOTS, SUBJECTS, Belongings, picture
from house.documented import BY_NAME, CREATOR, OPERATIONS, OTHER, WHO, Operation
from house.front_door import SHOOTINGS, House, Person, make_tenant, refused
from house.operations import TABLE, Ask
from house.topic_log import read_topics

MEMBERS_LIST = access.MEMBERS_LIST[access.EXTENSION]
AT_THINGS = [one for one in OPERATIONS if one.refuses(OTHER) == 404]
"""Where others hear 404, as of what doesn't exist."""
COLLECTIONS = [
    one
    for one in OPERATIONS
    if one.method == "GET" and "{" not in one.template and one.access == MEMBERS_LIST
]
"""Lists and sums of what an organization has."""


@dataclass(frozen=True)
class Cast:
    """Everybody who asks, by what they are to the first organization."""

    here: Belongings
    there: Belongings
    people: Mapping[str, Person | None]
    nobody: httpx.AsyncClient

    def client(self, who: str) -> httpx.AsyncClient:
        """Theirs."""
        person = self.people[who]
        return person.http if person else self.nobody


@pytest.fixture(scope="module")
async def cast(house: House, root: Person) -> Cast:
    """Two organizations of this file's own, as much is changed in them, and a superuser."""
    superuser = await house.person(root, "superuser", is_superuser=True)
    here, there = [await make_tenant(house, root, name) for name in ("Here", "There")]
    people: dict[str, Person | None] = {"nobody": None, OTHER: there[Role.OWNER], "superuser": superuser}
    return Cast(
        Belongings(house, here, superuser),
        Belongings(house, there, superuser),
        people | {role: here[role] for role in Role},
        house.client(),
    )


def each(operations: list[Operation]) -> Any:
    """One test for each."""
    return pytest.mark.parametrize("operation", operations, ids=lambda one: one.name)


def test_the_table_has_a_row_for_every_operation_and_for_no_other() -> None:
    assert sorted(TABLE) == sorted(BY_NAME)


@each(OPERATIONS)
async def test_everybody_hears_what_the_route_declares(cast: Cast, operation: Operation) -> None:
    for who in WHO:
        status = operation.refuses(who)
        answer = await _asked(cast, operation, who, granted=status is None)
        if status is None:
            assert 200 <= answer.status_code < 400, f"{who}: {answer.status_code} {answer.text[:300]}"
        else:
            assert answer.status_code == status, f"{who}: {answer.status_code} {answer.text[:300]}"
            refused(answer, status)


async def _asked(cast: Cast, operation: Operation, who: str, *, granted: bool) -> httpx.Response:
    """The answer; a request that may lose a race gets another chance when it does."""
    for _ in range(20):
        ask = await TABLE[operation.name](cast.here, cast.people[who], granted)
        answer = await operation.ask(cast.client(who), ask)
        if not (granted and ask.races and answer.status_code == 409):
            break
    return answer


@each(AT_THINGS)
async def test_what_is_others_answers_like_what_isnt_there(cast: Cast, operation: Operation) -> None:
    """The same body, no ETag; an `If-Match` tells nothing, whether it is the version's or not."""
    ask = await TABLE[operation.name](cast.here, cast.people[OTHER], False)
    client = cast.client(OTHER)
    answers = [await operation.ask(client, one) for one in (ask, ask.unknown())]
    if operation.takes_if_match:
        for tag in ('"1"', '"999"'):
            headers = {"If-Match": tag}
            answers += [await operation.ask(client, one, **headers) for one in (ask, ask.unknown())]
    for answer in answers:
        refused(answer, 404)
        assert "ETag" not in answer.headers
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(
    ("operation", "kind", "ids"),
    [
        ("delete_product", "product", ("id",)),
        ("delete_resolution_preset", "preset", ("id",)),
        ("delete_shooting", "shooting", ("id",)),
        ("delete_shooting_look", "look", ("shooting_id", "id")),
    ],
)
async def test_a_member_deletes_what_is_their_own(
    cast: Cast, operation: str, kind: str, ids: tuple[str, ...]
) -> None:
    """The matrix has shown that they delete nothing of the owner's."""
    member = cast.here.tenant[Role.MEMBER]
    thing = await cast.here.a(kind, fresh=True, maker=member)
    asked = Ask(tuple(thing[one] for one in ids))
    assert (await BY_NAME[operation].ask(member.http, asked)).status_code == 200


async def test_a_member_leaves(cast: Cast, house: House, root: Person) -> None:
    guest = await house.person(root, "guest")
    token = (await cast.here.owner.make(_invitations(cast), email=guest.email, role="viewer"))["token"]
    assert (await guest.http.post("/api/v1/invitations/accept", json={"token": token})).status_code == 200
    asked = Ask((cast.here.tenant.id, guest.id))
    assert (await BY_NAME["remove_member"].ask(guest.http, asked)).status_code == 200


def _invitations(cast: Cast) -> str:
    return f"/api/v1/organizations/{cast.here.tenant.id}/invitations"


def test_every_delete_of_ones_own_has_been_seen() -> None:
    own = {one.name for one in OPERATIONS if one.access.get("own")}
    assert own == {
        "delete_product",
        "delete_resolution_preset",
        "delete_shooting",
        "delete_shooting_look",
        "remove_member",
    }


@each([one for one in OPERATIONS if one.access.get("public")])
async def test_what_is_public_is_read_by_anybody_with_a_login(cast: Cast, operation: Operation) -> None:
    client = cast.client(OTHER)
    if "shot-types" in operation.template:
        by_name = "{name}" in operation.template
        asked = Ask(("front_full_body" if by_name else await cast.here.front(),))
    else:
        kind = "product" if "products" in operation.template else "subject"
        made = await getattr(cast.here, kind)(cast.here.owner, public=True)
        asked = Ask((made["id"],))
        changed = await client.put(operation.template.split("{")[0] + made["id"], json={"name": "Mine"})
        refused(changed, 403)
    assert (await operation.ask(client, asked)).status_code == 200
    refused(await operation.ask(cast.nobody, asked), 401)


# What an organization has isn't seen from another


@each(COLLECTIONS)
async def test_nothing_of_others_is_listed_or_counted(cast: Cast, operation: Operation) -> None:
    """Neither in one's personal part nor in one's organization's, nor by a filter; and none of it moves."""
    await _furnish(cast.here)
    ours = await operation.ask(cast.here.owner.http, Ask(query={"organization_id": cast.here.tenant.id}))
    assert [id_ for id_ in cast.here.ids if id_ in ours.text] or operation.name == "summarize_shootings"
    client = cast.client(OTHER)
    before = [await operation.ask(client, ask) for ask in await _narrowings(cast, operation)]
    for answer in before:
        assert cast.here.word not in answer.text
        assert not [id_ for id_ in cast.here.ids if id_ in answer.text]
    for kind in ("product", "subject", "background", "preset", "look"):
        await cast.here.a(kind, fresh=True)
    after = [await operation.ask(client, ask) for ask in await _narrowings(cast, operation)]
    assert [one.text for one in before] == [one.text for one in after]


async def _furnish(things: Belongings) -> None:
    for kind in ("product", "subject", "background", "preset", "shot_type", "approved_shot"):
        await things.a(kind)


async def _narrowings(cast: Cast, operation: Operation) -> list[Ask]:
    """Without anything, in one's organization, and by each filter that takes an id or a name of others'."""
    ids = {
        "product_id": (await cast.here.a("product"))["id"],
        "shooting_id": (await cast.here.a("approved_shot"))["shooting_id"],
        "shooting_look_id": (await cast.here.a("approved_shot"))["look_id"],
        "search": cast.here.word,
    }
    known = {one["name"] for one in operation.document.get("parameters", ())} & ids.keys()
    if operation.name == "summarize_shootings":
        known = set()  # names one shooting, which is 404: see below
    scopes: tuple[dict[str, str], ...] = ({}, {"organization_id": cast.there.tenant.id})
    filters = [{}, *({name: ids[name]} for name in sorted(known))]
    return [Ask(query=scope | one) for scope in scopes for one in filters]


async def test_a_summary_of_others_shooting_is_404(cast: Cast) -> None:
    shooting = (await cast.here.a("shooting"))["id"]
    summarize, client = BY_NAME["summarize_shootings"], cast.client(OTHER)
    asked = Ask(query={"shooting_id": shooting})
    answers = [await summarize.ask(client, one) for one in (asked, asked.unknown())]
    for answer in answers:
        refused(answer, 404)
    assert answers[0].content == answers[1].content


async def test_lists_below_a_product_are_its_readers(cast: Cast) -> None:
    """Whether they name its organization or not."""
    shot = await cast.here.a("generated")
    product, viewer = await cast.here.a("product"), cast.here.tenant[Role.VIEWER]
    for kind in ("generations", "shots"):
        path = f"{PRODUCTS}{product['id']}/{kind}"
        alone = await viewer.http.get(path)
        named = await viewer.http.get(path, params={"organization_id": cast.here.tenant.id})
        assert shot["id"] in alone.text
        assert _ids(alone) == _ids(named)  # what is in work goes on between the two


def _ids(answer: httpx.Response) -> list[str]:
    """The ids of a list, in order, bare or in a page."""
    body = answer.json()
    return [one["id"] for one in (body if isinstance(body, list) else body["data"])]


async def test_lists_of_ones_own_are_ones_own(cast: Cast) -> None:
    await cast.here.a("task", maker=cast.here.tenant[CREATOR])
    for path in (f"{PRODUCTS}export-tasks", API_KEYS, "/api/v1/organizations/"):
        listed = (await cast.client(OTHER).get(path)).text
        assert not [id_ for id_ in {*cast.here.ids, cast.here.tenant.id} if id_ in listed]


# Ids in bodies

Named = Callable[[Cast, str], Awaitable[tuple[str, Mapping[str, Any]]]]


def _in_looks(field: str, *, listed: bool = True) -> Named:
    async def named(cast: Cast, id_: str) -> tuple[str, Mapping[str, Any]]:
        shooting = await cast.there.a("shooting")
        body = await cast.there.look_body(**{field: [id_] if listed else id_})
        if field == "default_resolution_preset_id":
            del body["default_width"], body["default_height"]
        return f"{SHOOTINGS}{shooting['id']}/looks", body

    return named


def _in_export(field: str, *, listed: bool = False) -> Named:
    async def named(cast: Cast, id_: str) -> tuple[str, Mapping[str, Any]]:
        others = {} if field != "shooting_id" else {"product_ids": [(await cast.there.a("product"))["id"]]}
        body = others | {field: [id_] if listed else id_}
        return f"{EXPORT}?organization_id={cast.there.tenant.id}", body

    return named


async def _in_outfit(cast: Cast, id_: str) -> tuple[str, Mapping[str, Any]]:
    shooting = await cast.there.a("shooting")
    body = await cast.there.look_body()
    product_id = body.pop("product_ids")[0]
    configuration = {"product_id": product_id, "outfit_product_ids": [id_], "width": 64, "height": 64}
    path = f"{SHOOTINGS}{shooting['id']}/looks"
    return path, body | {"product_outfit_configs": [configuration]}


async def _in_base_image(cast: Cast, id_: str) -> tuple[str, Mapping[str, Any]]:
    subject = await cast.there.a("subject")
    return f"{SUBJECTS}{subject['id']}/base_images", {"shot_type_id": id_, "image_url": picture(92)}


async def _in_cover(cast: Cast, id_: str) -> tuple[str, Mapping[str, Any]]:
    return PRODUCTS, {"name": "Mine", "cover_image": {"media_resource_id": id_}}


async def _in_revision(cast: Cast, id_: str) -> tuple[str, Mapping[str, Any]]:
    shot = await cast.there.a("shot")
    image = {"source_type": "PREDICTION", "prediction_id": id_}
    return f"{SHOTS}{shot['id']}/revision", {"shot_status": "REVIEW", "images": [image]}


BODIES: dict[str, tuple[str, Named]] = {
    "product of looks": ("product", _in_looks("product_ids")),
    "subject of looks": ("subject", _in_looks("subject_ids")),
    "shot type of looks": ("shot_type", _in_looks("shot_type_ids")),
    "background of looks": ("background", _in_looks("default_background_preset_id", listed=False)),
    "resolution of looks": ("preset", _in_looks("default_resolution_preset_id", listed=False)),
    "product of an outfit": ("product", _in_outfit),
    "product of an export": ("product", _in_export("product_ids", listed=True)),
    "look of an export": ("look", _in_export("shooting_look_id")),
    "shooting of an export": ("shooting", _in_export("shooting_id")),
    "shot type of a base image": ("shot_type", _in_base_image),
    "picture of a product": ("cover", _in_cover),
    "prediction of a revision": ("prediction", _in_revision),
}


@pytest.mark.parametrize(("kind", "named"), BODIES.values(), ids=BODIES.keys())
async def test_others_ids_in_bodies_answer_like_unknown_ones(cast: Cast, kind: str, named: Named) -> None:
    answers = []
    for id_ in (await _id_of(cast.here, kind), str(uuid4())):
        path, body = await named(cast, id_)
        answers.append(await cast.client(OTHER).post(path, json=body))
    for answer in answers:
        refused(answer, 422)
    assert answers[0].content == answers[1].content


async def _id_of(things: Belongings, kind: str) -> str:
    if kind == "cover":
        return str((await things.a("product"))["cover_image_media"]["id"])
    if kind == "prediction":
        return str((await things.a("generated"))["prediction_id"])
    return str((await things.a(kind))["id"])


# Files


async def test_an_upload_is_its_askers_alone(cast: Cast, house: House) -> None:
    wanted = {"folder": "matrix", "filename": "a.png", "content_type": "image/png"}
    place = (await cast.here.owner.http.post("/api/v1/uploads/presigned-url", json=wanted)).json()
    body = {"name": "Mine", "cover_image": place["file_url"]}
    refused(await cast.client(OTHER).post(PRODUCTS, json=body), 422)
    colleague = cast.here.tenant[Role.ADMIN]
    refused(await colleague.http.post(PRODUCTS, json=body), 422)


async def test_an_archive_is_fetched_by_the_signed_url_alone(cast: Cast) -> None:
    maker = cast.here.tenant[CREATOR]
    task = await cast.here.a("ended_task", fresh=True, maker=maker)
    answer = await maker.http.get(f"{PRODUCTS}export-tasks/{task['id']}/download")
    signed = httpx.URL(answer.headers["Location"])
    async with httpx.AsyncClient() as anybody:
        assert (await anybody.get(signed)).status_code == 200
        for other in (signed.copy_with(query=None), signed.join("./")):
            assert (await anybody.get(other)).status_code in (403, 404)
    inside = signed.path[signed.path.index("exports/") :]
    refused(await cast.client(OTHER).get(f"/files/{inside}"), 404)


# Time


@pytest.mark.parametrize("name", ["read_product", "read_look", "read_organization", "download_shot"])
async def test_404s_of_what_is_others_and_of_nothing_take_the_same_time(cast: Cast, name: str) -> None:
    """Medians of interleaved requests; a busy machine gets three chances."""
    operation, client = BY_NAME[name], cast.client(OTHER)
    ask = await TABLE[name](cast.here, cast.people[OTHER], False)
    for _ in range(3):
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(25):
            for taken, one in zip(times, (ask, ask.unknown()), strict=True):
                begun = time.perf_counter()
                await operation.ask(client, one)
                taken.append(time.perf_counter() - begun)
        theirs, nothing = (statistics.median(taken) for taken in times)
        if abs(theirs - nothing) < 0.001 + 0.2 * nothing:
            return
    pytest.fail(f"{theirs * 1000:.2f} ms for what is others', {nothing * 1000:.2f} ms for nothing")


# Events and keys


async def test_events_carry_nothing_of_another_organization(cast: Cast, house: House) -> None:
    """Whatever mentions a thing says whose it is; and no event of theirs mentions one of ours."""
    await _furnish(cast.here)
    await _furnish(cast.there)
    servers = house.stack.service_environment("identity")["KAFKA_BOOTSTRAP_SERVERS"]
    told = [one for topic in (await read_topics(servers, TOPICS)).values() for one in topic]
    for mine, theirs in ((cast.here, cast.there), (cast.there, cast.here)):
        seen = 0
        for one in told:
            if not mine.ids.intersection(_uuids(one.body)):
                continue
            seen += 1
            assert not theirs.ids.intersection(_uuids(one.body)), one.envelope.type
            assert _organization(one.event.state) in (mine.tenant.id, None), one.envelope.type
        assert seen


def _organization(state: Any) -> str | None:
    organization = getattr(state, "organization_id", None)
    return str(organization) if organization else None


def _uuids(body: bytes) -> set[str]:
    return set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", body.decode()))


async def test_a_key_does_what_its_scope_says_and_nothing_about_the_login(cast: Cast, house: House) -> None:
    """At things that are kept: what is refused changes nothing."""
    owner = cast.here.owner
    keys = {
        scopes: house.client((await owner.make(API_KEYS, name="Machine", scopes=list(scopes)))["key"])
        for scopes in (("read",), ("read", "write"))
    }
    for operation in OPERATIONS:
        if operation.access["who"] == "anybody":
            continue
        ask = await TABLE[operation.name](cast.here, owner, False)
        if operation.method != "GET":
            refused(await operation.ask(keys["read",], ask), 403)
        if operation.access.get("keys") is False:
            refused(await operation.ask(keys["read", "write"], ask), 403)
