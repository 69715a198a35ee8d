"""What an organization has, made over HTTP by its people; one of each kind stays as it is, to be asked at."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pyvips

from atelier.contracts.organizations import Role
from house.front_door import (
    LOGIN,
    ORGANIZATIONS,
    PRESETS,
    SHOOTINGS,
    USERS,
    House,
    Person,
    Tenant,
    eventually,
)

PRODUCTS = "/api/v1/products/"
SUBJECTS = "/api/v1/subjects/"
BACKGROUNDS = "/api/v1/background-presets/"
SHOT_TYPES = "/api/v1/shot-types/"
SHOTS = "/api/v1/shots/"
API_KEYS = f"{USERS}me/api-keys/"
TASKS = f"{PRODUCTS}export-tasks/"
EXPORT = f"{PRODUCTS}export-approved-shots/async"
INVITATIONS = "{}/invitations"
DUE = "2030-03-01T09:00:00Z"
SHOT_TYPE_COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = 'shot_types'"

Thing = Mapping[str, Any]


def picture(red: int = 200) -> str:
    """A small one, as base64: garments of one colour on paper."""
    block = pyvips.Image.black(24, 32, bands=3).new_from_image([red, 90, 120]).copy(interpretation="srgb")
    whole = block.embed(20, 20, 64, 72, extend="background", background=[243, 242, 239])
    return base64.b64encode(whole.cast("uchar").write_to_buffer(".png")).decode()


class Belongings:
    """Makes things of one organization, each kind in the method of its name: by the owner, or by `maker`."""

    def __init__(self, house: House, tenant: Tenant, superuser: Person) -> None:
        self.house = house
        self.tenant = tenant
        self.superuser = superuser
        self.owner = tenant[Role.OWNER]
        self.word = f"vicuna-{uuid4().hex}"
        """In the name of everything, by which it is known where it doesn't belong."""
        self.ids: set[str] = set()
        """Of everything that was made."""
        self._shared: dict[str, Thing] = {}

    async def a(self, kind: str, *, fresh: bool = False, maker: Person | None = None) -> Thing:
        """The one of that kind that is kept as it is, or a fresh one, to be changed or destroyed."""
        if not fresh and kind in self._shared:
            return self._shared[kind]
        made: Thing = await getattr(self, kind)(maker or self.owner)
        if not fresh:
            self._shared[kind] = made
        return made

    def keep(self, kind: str, thing: Thing) -> None:
        """Have that one of its kind from now on."""
        self._shared[kind] = thing

    async def product(self, maker: Person, **fields: Any) -> Thing:
        """A product with a cover."""
        body = {"name": self._name("shirt"), "sku": "S-1", "cover_image": picture(), **fields}
        return await self._make(maker, f"{PRODUCTS}?sync_captioning=false", body)

    async def subject(self, maker: Person, **fields: Any) -> Thing:
        """A subject with a base image of the front."""
        base_image = {"shot_type_id": await self.front(), "image_url": picture(90)}
        body = {"name": self._name("anna"), "age_class": "adult", "cover_image": picture(80)}
        return await self._make(maker, SUBJECTS, body | {"base_images": [base_image]} | fields)

    async def based_subject(self, maker: Person) -> Thing:
        """A subject and the `url` of its base image."""
        made = await self.subject(maker)
        found = await maker.http.get(f"{SUBJECTS}{made['id']}/base_images")
        return {**made, "url": found.json()["data"][0]["image_url"]}

    async def background(self, maker: Person) -> Thing:
        """A background for every framing."""
        body = {"name": self._name("wall"), "framings": [{"framing": None, "image": picture(150)}]}
        return await self._make(maker, BACKGROUNDS, body)

    async def preset(self, maker: Person) -> Thing:
        """A resolution preset."""
        return await self._make(maker, PRESETS, {"name": self._name("square"), "width": 64, "height": 64})

    async def deleted_preset(self, maker: Person) -> Thing:
        """A resolution preset that was deleted."""
        made = await self.preset(maker)
        answer = await self.owner.http.delete(PRESETS + made["id"])
        assert answer.status_code == 200, answer.text
        return made

    async def shot_type(self, _: Person) -> Thing:
        """A shot type of the organization's own: no operation makes one yet, so the database does."""
        id_, name = str(uuid4()), self._name("detail")
        columns = [row["column_name"] for row in await self.house.fetch("catalog", SHOT_TYPE_COLUMNS)]
        own = {
            "id": f"'{id_}'::uuid",
            "name": f"'{name}'",
            "public": "false",
            "organization_id": f"'{self.tenant.id}'::uuid",
            "owner_id": f"'{self.owner.id}'::uuid",
        }
        chosen = ", ".join(own.get(column, column) for column in columns)
        statement = f"INSERT INTO shot_types ({', '.join(columns)}) SELECT {chosen} FROM shot_types LIMIT 1"
        await self.house.fetch("catalog", statement)
        self.ids.add(id_)
        return {"id": id_, "name": name, "organization_id": self.tenant.id}

    async def shooting(self, maker: Person) -> Thing:
        """A shooting without looks."""
        return await self._make(maker, SHOOTINGS, {"name": self._name("spring"), "due_date": DUE})

    async def look(self, maker: Person) -> Thing:
        """A look of one shot, in a shooting of its own."""
        shooting = await self.shooting(maker)
        body = await self.look_body()
        made = await self._make(maker, f"{SHOOTINGS}{shooting['id']}/looks", body)
        look: Thing = made["looks"][0]
        return {**look, "shooting_id": shooting["id"]}

    async def look_body(self, **fields: Any) -> dict[str, Any]:
        """What makes one look out of what is there."""
        return {
            "product_ids": [(await self.a("product"))["id"]],
            "subject_ids": [(await self.a("subject"))["id"]],
            "shot_type_ids": [await self.front()],
            "default_width": 64,
            "default_height": 64,
        } | fields

    async def shot(self, maker: Person) -> Thing:
        """A shot that waits for its picture."""
        look = await self.look(maker)
        shot: Thing = look["shots"][0]
        return {**shot, "look_id": look["id"], "shooting_id": look["shooting_id"]}

    async def reviewed_shot(self, maker: Person) -> Thing:
        """A shot with a picture under review; `revision_id` is that of its revision."""
        shot = await self.shot(maker)
        image = {"source_type": "UPLOAD", "image_data": picture(60)}
        body = {"shot_status": "REVIEW", "images": [image]}
        revision = await self._make(maker, f"{SHOTS}{shot['id']}/revision", body)
        return {**shot, "revision_id": revision["id"]}

    async def approved_shot(self, maker: Person) -> Thing:
        """A shot that can be delivered."""
        shot = await self.reviewed_shot(maker)
        answer = await maker.http.post(f"{SHOTS}{shot['id']}/approve")
        assert answer.status_code == 200, answer.text
        return shot

    async def generated(self, maker: Person) -> Thing:
        """A shot for which a picture was asked; `prediction_id` is the picture's."""
        shot = await self.shot(maker)
        await maker.http.post(f"{SHOTS}{shot['id']}/generate", json={"generations_per_shot_type": 1})
        product_id = (await self.a("product"))["id"]
        path = f"{PRODUCTS}{product_id}/generations"

        async def prediction() -> str | None:
            found = (await maker.http.get(path, params=self._query(path))).json()
            ids = [p["id"] for one in found if one["shot_id"] == shot["id"] for p in one["predictions"]]
            return ids[0] if ids else None

        return {**shot, "prediction_id": await eventually(prediction)}

    async def task(self, maker: Person) -> Thing:
        """An export that may still be at work."""
        look_id = (await self.a("approved_shot"))["look_id"]
        return await self._make(maker, EXPORT, {"shooting_look_id": look_id})

    async def ended_task(self, maker: Person) -> Thing:
        """An export whose archive is there."""
        task = await self.task(maker)

        async def complete() -> Thing | None:
            answer = (await maker.http.get(TASKS + task["id"])).json()
            assert answer["status"] not in ("FAILED", "CANCELLED"), answer
            return dict(answer) if answer["status"] == "COMPLETED" else None

        return await eventually(complete, within=60) or {}

    async def user(self, _: Person, **fields: Any) -> Thing:
        """Somebody in no organization who never logged in; with the `password` that they could."""
        password = uuid4().hex
        body = {"email": f"{uuid4()}@example.com", "password": password, **fields}
        return {**await self.superuser.make(USERS, **body), "password": password}

    async def changing_user(self, maker: Person) -> Thing:
        """Somebody whose password may be changed: whoever does keeps the new one here."""
        return await self.user(maker)

    async def login_of(self, user: Thing) -> Thing:
        """The tokens of somebody who logs in now."""
        form = {"username": user["email"], "password": user["password"]}
        answer = await self.house.client().post(LOGIN, data=form)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def own_organization(self, maker: Person) -> Thing:
        """An organization with its owner alone."""
        return await self.owner.make(ORGANIZATIONS, name=self._name("maison"))

    async def handed_over(self, maker: Person) -> Thing:
        """An organization whose owner may pass it on to a member, the viewer's user."""
        made = await self.own_organization(maker)
        await self._member(made["id"], self.tenant[Role.VIEWER].id)
        return {**made, "user_id": self.tenant[Role.VIEWER].id}

    async def organization(self, _: Person) -> Thing:
        """The one that all is about."""
        return {"id": self.tenant.id, "user_id": self.tenant[Role.VIEWER].id}

    async def member(self, maker: Person) -> Thing:
        """Another viewer of the organization."""
        user = await self.user(maker)
        await self._member(self.tenant.id, user["id"])
        return {"id": self.tenant.id, "user_id": user["id"]}

    async def invitation(self, maker: Person) -> Thing:
        """An invitation to the organization, which nobody has accepted."""
        path = INVITATIONS.format(ORGANIZATIONS + self.tenant.id)
        body = {"email": f"{uuid4()}@example.com", "role": "viewer"}
        made = await maker.make(path, **body)
        return {**made, "organization_id": self.tenant.id}

    async def host(self, _: Person) -> Thing:
        """Somebody else, who has organizations to invite to; `http` is their client."""
        host = await self.house.person(self.superuser, "host")
        return {"id": host.id, "http": host.http}

    async def invited_to_another(self, guest: Person) -> str:
        """The token by which somebody may join an organization of a stranger."""
        http: httpx.AsyncClient = (await self.a("host"))["http"]
        organization = (await http.post(ORGANIZATIONS, json={"name": "Host"})).json()
        path = INVITATIONS.format(ORGANIZATIONS + organization["id"])
        answer = await http.post(path, json={"email": guest.email, "role": "viewer"})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    async def front(self) -> str:
        """The id of a standard shot type."""
        if "front" not in self._shared:
            answer = await self.owner.http.get(f"{SHOT_TYPES}name/front_full_body")
            self._shared["front"] = answer.json()
        return str(self._shared["front"]["id"])

    async def _member(self, organization_id: str, user_id: str) -> None:
        path = f"{ORGANIZATIONS}{organization_id}/members"
        await self.owner.make(path, user_id=user_id, role="viewer")

    async def _make(self, maker: Person, path: str, body: Any) -> Thing:
        """Made inside of the organization; its ids are remembered."""
        answer = await maker.http.post(path, json=body, params=self._query(path))
        assert answer.status_code in (201, 202), f"{path}: {answer.text}"
        made: dict[str, Any] = answer.json()
        self.ids.update(_ids(made))
        return made

    def _query(self, path: str) -> httpx.QueryParams:
        """`organization_id` beside what the path says already."""
        return httpx.URL(path).params.merge({"organization_id": self.tenant.id})

    def _name(self, what: str) -> str:
        return f"{self.word} {what} {uuid4()}"


def _ids(made: Mapping[str, Any]) -> set[str]:
    """The new thing's, and those of what was made inside of it."""
    found = {made["id"]} if "id" in made else set()
    for look in made.get("looks", ()):
        found |= {look["id"], *(shot["id"] for shot in look["shots"])}
    return found
