"""How each operation is asked for, so that whoever may gets a good answer: one row an operation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx

from house.belongings import DUE, Belongings, Thing, picture
from house.front_door import Person

UNKNOWN_NAME = "no-such-name"


@dataclass(frozen=True)
class Ask:
    """A request but for its method and template."""

    ids: tuple[str, ...] = ()
    """What the template's parameters are, in their order."""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, str] | None = None
    client: httpx.AsyncClient | None = None
    """Who asks in the place of the person whose turn it is: for what would cost them their login."""
    races: bool = False
    """Whether it may come too late, a 409, without anybody having done wrong."""

    def unknown(self) -> Ask:
        """The same about something that doesn't exist."""
        ids = tuple(str(uuid4()) if _is_id(one) else UNKNOWN_NAME for one in self.ids)
        query = {name: str(uuid4()) if _is_id(one) else one for name, one in self.query.items()}
        return replace(self, ids=ids, query=query)


Row = Callable[[Belongings, Person | None, bool], Awaitable[Ask]]
"""(things, who asks or None, whether they may) → how. Who may not asks at what is kept."""
Body = Callable[[Belongings, Thing], Awaitable[Any]]


def about(
    kind: str,
    *ids: str,
    fresh: bool = False,
    body: Mapping[str, Any] | Body | None = None,
    query: Mapping[str, str] | None = None,
    by: str | None = None,
    races: bool = False,
) -> Row:
    """At one thing of that kind: `ids` are its fields for the template, `query` its fields for the query.

    `fresh` where it is changed for good; `by` the role of its maker, where that isn't the owner.
    """

    async def ask(things: Belongings, _: Person | None, granted: bool) -> Ask:
        maker = things.tenant[by] if by else None
        thing = await things.a(kind, fresh=fresh and granted, maker=maker)
        asked = {name: str(thing.get(value, value)) for name, value in (query or {}).items()}
        content = await body(things, thing) if callable(body) else body
        return Ask(tuple(str(thing[one]) for one in ids or ("id",)), asked, content, races=races)

    return ask


def in_organization(body: Mapping[str, Any] | Body | None = None) -> Row:
    """In the organization named in the query."""

    async def ask(things: Belongings, _: Person | None, granted: bool) -> Ask:
        content = await body(things, {}) if callable(body) else body
        return Ask(query={"organization_id": things.tenant.id}, body=content)

    return ask


def alone(body: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None) -> Row:
    """About nothing that is there already."""

    async def ask(things: Belongings, _: Person | None, granted: bool) -> Ask:
        return Ask(body=body() if callable(body) else body)

    return ask


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _email() -> str:
    return f"{uuid4()}@example.com"


async def _look_body(things: Belongings, _: Thing) -> Any:
    return await things.look_body()


async def _export_body(things: Belongings, _: Thing) -> Any:
    return {"product_ids": [(await things.a("product"))["id"]]}


async def _base_image_body(things: Belongings, _: Thing) -> Any:
    return {"shot_type_id": await things.front(), "image_url": picture(91)}


async def _new_member_body(things: Belongings, _: Thing) -> Any:
    return {"user_id": (await things.a("user", fresh=True))["id"], "role": "viewer"}


async def _pass_on_body(_: Belongings, organization: Thing) -> Any:
    return {"user_id": organization["user_id"]}


async def _invite_body(_: Belongings, __: Thing) -> Any:
    return {"email": _email(), "role": "viewer"}


async def _pass_on(things: Belongings, asker: Person | None, granted: bool) -> Ask:
    kind = "handed_over" if granted else "organization"
    return await about(kind, fresh=True, body=_pass_on_body)(things, asker, granted)


async def _close(things: Belongings, asker: Person | None, granted: bool) -> Ask:
    kind = "own_organization" if granted else "organization"
    return await about(kind, fresh=True)(things, asker, granted)


async def _file(things: Belongings, _: Person | None, __: bool) -> Ask:
    url = (await things.a("product"))["cover_image_url"]
    path = urlsplit(url).path
    return Ask((path[path.index("media/") :],))


async def _log_in(things: Belongings, _: Person | None, __: bool) -> Ask:
    user = await things.a("user")
    return Ask(form={"username": user["email"], "password": user["password"]})


async def _refresh(things: Belongings, _: Person | None, __: bool) -> Ask:
    login = await things.login_of(await things.a("user"))
    return Ask(body={"refresh_token": login["refresh_token"]})


async def _log_out(things: Belongings, _: Person | None, granted: bool) -> Ask:
    if not granted:
        return Ask()
    login = await things.login_of(await things.a("user"))
    return Ask(client=things.house.client(login["access_token"]))


async def _change_password(things: Belongings, _: Person | None, granted: bool) -> Ask:
    user = await things.a("changing_user")
    body = {"current_password": user["password"], "new_password": uuid4().hex}
    if not granted:
        return Ask(body=body)
    login = await things.login_of(user)
    things.keep("changing_user", {**user, "password": body["new_password"]})
    return Ask(body=body, client=things.house.client(login["access_token"]))


async def _accept(things: Belongings, asker: Person | None, granted: bool) -> Ask:
    token = await things.invited_to_another(asker) if granted and asker else "none"
    return Ask(body={"token": token})


KEY = {"name": "Machine", "scopes": ["read"]}


async def _delete_key(things: Belongings, asker: Person | None, granted: bool) -> Ask:
    made = await asker.make("/api/v1/users/me/api-keys/", **KEY) if granted and asker else {"id": uuid4()}
    return Ask((str(made["id"]),))


async def _presign_revision(things: Belongings, _: Person | None, __: bool) -> Ask:
    shot = await things.a("shot")
    return Ask(query={"shot_id": shot["id"], "filename": "a.png", "content_type": "image/png"})


WALL = {"name": "Wall", "framings": [{"framing": None, "image": picture(151)}]}
SQUARE = {"name": "Square", "width": 64, "height": 64}
SHIRT = {"name": "Shirt", "cover_image": picture(201)}
ANNA = {"name": "Anna", "age_class": "adult", "cover_image": picture(81)}
SPRING = {"name": "Spring", "due_date": DUE}
FILE = {"folder": "matrix", "filename": "a.png", "content_type": "image/png", "file_size": 10}
REVISION: dict[str, Any] = {"shot_status": "REVIEW", "images": []}

TABLE: dict[str, Row] = {
    # catalog
    "list_background_presets": in_organization(),
    "create_background_preset": in_organization(WALL),
    "read_background_preset": about("background"),
    "create_product": in_organization(SHIRT),
    "read_product": about("product"),
    "update_product": about("product", body={"colour": "Ecru"}),
    "patch_product": about("product", body={"colour": "Black"}),
    "delete_product": about("product", fresh=True),
    "set_product_archived": about("product", query={"archived": "false"}),
    "list_resolution_presets": in_organization(),
    "create_resolution_preset": in_organization(SQUARE),
    "read_resolution_preset": about("preset"),
    "update_resolution_preset": about("preset", body={"width": 65}),
    "delete_resolution_preset": about("preset", fresh=True),
    "restore_resolution_preset": about("deleted_preset", fresh=True),
    "list_shot_types": in_organization(),
    "read_shot_type": about("shot_type"),
    "read_shot_type_by_name": about("shot_type", "name", query={"organization_id": "organization_id"}),
    "create_subject": in_organization(ANNA),
    "read_subject": about("subject"),
    "update_subject": about("subject", body={"surname": "Smith"}),
    "list_base_images": about("subject"),
    "add_base_image": about("subject", body=_base_image_body),
    "remove_base_image": about("based_subject", fresh=True, query={"url": "url"}),
    # media
    "create_presigned_url": alone(FILE),
    "serve_file": _file,
    # production
    "list_shootings": in_organization(),
    "create_shooting": in_organization(SPRING),
    "summarize_shootings": in_organization(),
    "read_shooting": about("shooting"),
    "update_shooting": about("shooting", body={"season": "SS30"}),
    "patch_shooting": about("shooting", body={"season": "AW30"}),
    "delete_shooting": about("shooting", fresh=True),
    "list_shooting_looks": about("shooting"),
    "create_shooting_looks": about("shooting", body=_look_body),
    "read_shooting_look": about("look", "shooting_id", "id"),
    "delete_shooting_look": about("look", "shooting_id", "id", fresh=True),
    "read_look": about("look"),
    "start_look_generations": about("look", body={"generations_per_shot_type": 1}),
    "list_shots": in_organization(),
    "list_product_shots": about("product"),
    "read_shot": about("shot"),
    "generate_shot": about("shot", body={"generations_per_shot_type": 1}),
    "approve_shot": about("reviewed_shot", fresh=True),
    "reject_shot": about("reviewed_shot", fresh=True),
    "create_shot_revision": about("shot", body=REVISION),
    "read_shot_revision": about("reviewed_shot", "revision_id"),
    "presign_revision_image": _presign_revision,
    # generation
    "list_generations_of_product": about("product"),
    # export
    "export_approved_shots": in_organization(_export_body),
    "list_export_tasks": alone(),
    "read_export_task": about("task", by="member"),
    "cancel_export_task": about("task", by="member", fresh=True, races=True),
    "dismiss_export_task": about("ended_task", by="member", fresh=True),
    "download_export_task": about("ended_task", by="member", fresh=True),
    "download_shot": about("approved_shot"),
    # identity
    "read_signing_keys": alone(),
    "log_in": _log_in,
    "refresh_login": _refresh,
    "log_out": _log_out,
    "register_user": alone(lambda: {"email": _email(), "password": uuid4().hex}),
    "list_users": alone(),
    "create_user": alone(lambda: {"email": _email(), "password": uuid4().hex}),
    "read_user": about("user"),
    "update_user": about("user", body={"full_name": "Somebody"}),
    "deactivate_user": about("user", fresh=True),
    "read_me": alone(),
    "update_me": alone({"full_name": "Myself"}),
    "change_password": _change_password,
    "list_api_keys": alone(),
    "create_api_key": alone(KEY),
    "delete_api_key": _delete_key,
    "list_organizations": alone(),
    "create_organization": alone({"name": "New"}),
    "read_organization": about("organization"),
    "update_organization": about("organization", body={"name": "Renamed"}),
    "delete_organization": _close,
    "transfer_ownership": _pass_on,
    "list_members": about("organization"),
    "add_member": about("organization", body=_new_member_body),
    "change_member_role": about("member", "id", "user_id", body={"role": "viewer"}),
    "remove_member": about("member", "id", "user_id", fresh=True),
    "list_invitations": about("organization"),
    "create_invitation": about("organization", body=_invite_body),
    "revoke_invitation": about("invitation", "organization_id", "id", fresh=True),
    "accept_invitation": _accept,
    # the gateway itself
    "gateway_health": alone(),
    "services_health": alone(),
}
