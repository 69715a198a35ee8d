"""What something new may refer to."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from atelier.contracts.users import UserState
from atelier.runtime.errors import InvalidError
from atelier.runtime.references import require_reference, usable

NOW = datetime.now(UTC)
SOMEBODY = UserState(id=uuid4(), created_at=NOW, updated_at=NOW, email="somebody@example.com")
UNUSABLE = [SOMEBODY.model_copy(update={"deleted_at": NOW}), SOMEBODY.model_copy(update={"is_active": False})]


def test_an_active_user_can_be_referred_to() -> None:
    assert usable(SOMEBODY)
    assert require_reference({SOMEBODY.id: SOMEBODY}, SOMEBODY.id, "body", "owner_id") is SOMEBODY


@pytest.mark.parametrize("state", UNUSABLE)
def test_a_deleted_and_a_deactivated_user_can_not(state: UserState) -> None:
    assert not usable(state)
    with pytest.raises(InvalidError):
        require_reference({state.id: state}, state.id, "body", "owner_id")
