"""The permission table, cell by cell."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, Uuid

from atelier.contracts.organizations import Role
from atelier.runtime import tenancy
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Action, Ownership, Scope, allowed, require_visible, visible_to
from atelier.runtime.errors import ForbiddenError, InvalidError, NotFoundError


class _Row:
    """What lists select from."""

    owner_id: Column[UUID] = Column("owner_id", Uuid)
    organization_id: Column[UUID] = Column("organization_id", Uuid)


OURS, THEIRS, ME, ANOTHER = (uuid4() for _ in range(4))
NOTHING: set[Action] = set()
READ = {Action.READ}
WRITE = READ | {Action.WRITE}
DELETE = WRITE | {Action.DELETE}
MANAGE = DELETE | {Action.MANAGE}
ALL = set(Action)
OWN = ALL - {Action.ADMINISTER}

WHO = {
    "nobody": Principal.anonymous(),
    "a stranger": Principal(user_id=ME, organizations={THEIRS: Role.OWNER}),
    "a viewer": Principal(user_id=ME, organizations={OURS: Role.VIEWER}),
    "a member": Principal(user_id=ME, organizations={OURS: Role.MEMBER}),
    "an admin": Principal(user_id=ME, organizations={OURS: Role.ADMIN}),
    "an owner": Principal(user_id=ME, organizations={OURS: Role.OWNER}),
    "a key for it": Principal(user_id=ME, organizations={OURS: Role.OWNER}, confined_to=OURS),
    "a key for another": Principal(user_id=ME, organizations={THEIRS: Role.OWNER}, confined_to=THEIRS),
    "a superuser": Principal(user_id=ME, superuser=True),
    "a service": Principal.of_service("press"),
}
WHAT = {
    "the organization's": Ownership(ANOTHER, OURS),
    "the organization's, made by the caller": Ownership(ME, OURS),
    "another's personal one": Ownership(ANOTHER, None),
    "the caller's personal one": Ownership(ME, None),
}
TABLE = {
    # in the order of WHAT
    "nobody": (NOTHING, NOTHING, NOTHING, NOTHING),
    "a stranger": (NOTHING, NOTHING, NOTHING, OWN),
    "a viewer": (READ, READ, NOTHING, OWN),
    "a member": (WRITE, DELETE, NOTHING, OWN),
    "an admin": (MANAGE, MANAGE, NOTHING, OWN),
    "an owner": (OWN, OWN, NOTHING, OWN),
    "a key for it": (OWN, OWN, NOTHING, NOTHING),
    "a key for another": (NOTHING, NOTHING, NOTHING, NOTHING),
    "a superuser": (ALL, ALL, ALL, ALL),
    "a service": (ALL, ALL, ALL, ALL),
}


@pytest.mark.parametrize("who", TABLE)
def test_the_table_allows_exactly_this(who: str) -> None:
    for (what, entity), expected in zip(WHAT.items(), TABLE[who], strict=True):
        assert {action for action in Action if allowed(WHO[who], action, entity)} == expected, what


def test_a_key_for_an_organization_lists_nothing_else() -> None:
    key = WHO["a key for it"]
    assert "owner_id" not in str(visible_to(key, _Row).compile())
    assert str(visible_to(WHO["nobody"], _Row).compile()) == "false"
    with pytest.raises(ForbiddenError):
        Scope().criterion(key, _Row)
    Scope(OURS).criterion(key, _Row)
    with pytest.raises(ForbiddenError):
        Scope(THEIRS).criterion(key, _Row)


def test_nobody_does_not_own_what_has_no_owner() -> None:
    assert not allowed(Principal.anonymous(), Action.READ, Ownership(None, None))


def test_what_may_not_be_read_is_answered_as_what_does_not_exist() -> None:
    stranger = WHO["a stranger"]
    with pytest.raises(NotFoundError) as hidden:
        require_visible(stranger, WHAT["the organization's"], "Issue")
    with pytest.raises(NotFoundError) as missing:
        require_visible(stranger, None, "Issue")
    assert str(hidden.value) == str(missing.value) == "Issue not found."


def test_a_named_organization_that_the_caller_is_not_in_is_forbidden() -> None:
    with pytest.raises(ForbiddenError):
        require_visible(WHO["a stranger"], WHAT["the organization's"], "Issue", OURS)


def test_an_entity_of_another_organization_than_the_named_one_is_not_found() -> None:
    both = Principal(user_id=ME, organizations={OURS: Role.OWNER, THEIRS: Role.OWNER})
    with pytest.raises(NotFoundError):
        require_visible(both, WHAT["the organization's"], "Issue", THEIRS)


# where entities are put, and where they go

MEMBER, VIEWER, ADMIN, OWNER, SUPER = (
    WHO[who] for who in ("a member", "a viewer", "an admin", "an owner", "a superuser")
)


@pytest.mark.parametrize(
    ("who", "query", "sent", "placed"),
    [
        (MEMBER, None, {}, (ME, None)),
        (MEMBER, OURS, {}, (ME, OURS)),
        (MEMBER, None, {"organization_id": OURS}, (ME, OURS)),
        (MEMBER, OURS, {"organization_id": OURS}, (ME, OURS)),
        (MEMBER, OURS, {"organization_id": None}, (ME, OURS)),
        (SUPER, None, {"owner_id": ANOTHER}, (ANOTHER, None)),
        (SUPER, None, {"owner_id": None}, (ME, None)),
    ],
)
def test_a_new_entity_is_placed(
    who: Principal, query: UUID | None, sent: dict[str, UUID | None], placed: tuple[UUID, UUID | None]
) -> None:
    assert tenancy.place(who, query, sent) == Ownership(*placed)


def test_a_new_entity_is_not_placed_where_the_caller_may_not_write() -> None:
    with pytest.raises(ForbiddenError):
        tenancy.place(VIEWER, OURS, {})
    with pytest.raises(ForbiddenError):
        tenancy.place(MEMBER, THEIRS, {})


def test_two_different_organizations_in_query_and_body_are_invalid() -> None:
    with pytest.raises(InvalidError):
        tenancy.place(SUPER, OURS, {"organization_id": THEIRS})


OUR_ISSUE, MY_ISSUE = WHAT["the organization's, made by the caller"], WHAT["the caller's personal one"]


@pytest.mark.parametrize(
    ("who", "entity", "sent", "moved"),
    [
        (MEMBER, OUR_ISSUE, {}, (ME, OURS)),
        (MEMBER, OUR_ISSUE, {"owner_id": None}, (ME, OURS)),
        (MEMBER, OUR_ISSUE, {"organization_id": OURS}, (ME, OURS)),
        (MEMBER, MY_ISSUE, {"organization_id": OURS}, (ME, OURS)),
        (OWNER, OUR_ISSUE, {"organization_id": None}, (ME, None)),
        (SUPER, OUR_ISSUE, {"owner_id": ANOTHER}, (ANOTHER, OURS)),
    ],
)
def test_an_entity_moves(
    who: Principal, entity: Ownership, sent: dict[str, UUID | None], moved: tuple[UUID, UUID | None]
) -> None:
    assert tenancy.move(who, entity, sent) == Ownership(*moved)


@pytest.mark.parametrize(
    ("who", "entity", "sent"),
    [
        (MEMBER, OUR_ISSUE, {"organization_id": None}),
        (ADMIN, OUR_ISSUE, {"organization_id": None}),
        (OWNER, OUR_ISSUE, {"organization_id": THEIRS}),
        (VIEWER, MY_ISSUE, {"organization_id": OURS}),
        (MEMBER, MY_ISSUE, {"organization_id": THEIRS}),
    ],
)
def test_an_entity_does_not_move_out_or_in_without_the_right_to(
    who: Principal, entity: Ownership, sent: dict[str, UUID | None]
) -> None:
    with pytest.raises(ForbiddenError):
        tenancy.move(who, entity, sent)
