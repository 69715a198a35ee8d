"""What the bodies hold, without a database."""

from atelier.contracts.enums import ShootingStatus
from atelier.production.shootings.schemas import ShootingCreate, ShootingStatusFilter, ShootingUpdate


def test_every_status_can_be_filtered_by() -> None:
    assert {status.value for status in ShootingStatusFilter} == {status.value for status in ShootingStatus}


def test_what_can_be_created_can_be_changed() -> None:
    assert ShootingCreate.model_fields.keys() == ShootingUpdate.model_fields.keys()


def test_only_what_was_sent_is_a_change() -> None:
    assert ShootingUpdate.model_validate({"brand": None}).sent() == {"brand": None}
