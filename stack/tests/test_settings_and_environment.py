from dataclasses import replace
from pathlib import Path

import pytest

from atelier.stack.data_folder import DataFolder
from atelier.stack.endpoints import Endpoints
from atelier.stack.environment import service_environments, whole_environment
from atelier.stack.errors import StackError
from atelier.stack.page import page
from atelier.stack.services import SERVICES
from atelier.stack.settings import Settings
from atelier.stack.state import State

ENDPOINTS = Endpoints(
    "postgresql://admin:p@db:5432/postgres?sslmode=require", "k:1", "http://s3", "b", "key", "sec"
)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.load(tmp_path / "state.json")


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1", "80.5", "٣"])
def test_a_gateway_port_that_is_none_is_named(text):
    with pytest.raises(StackError, match="GATEWAY_PORT"):
        Settings.read({"GATEWAY_PORT": text})


def test_s3_elsewhere_needs_its_keys():
    with pytest.raises(StackError, match="AWS_ACCESS_KEY_ID"):
        Settings.read({"S3_ENDPOINT_URL": "http://s3"})


def test_an_empty_variable_counts_as_unset():
    assert Settings.read({"KAFKA_BOOTSTRAP_SERVERS": "", "GATEWAY_PORT": " "}) == Settings.read({})


def test_a_service_gets_its_own_database_and_no_other(state):
    environments = service_environments(SERVICES, Settings.read({}), state, ENDPOINTS)
    for name, environment in environments.items():
        urls = [variable for variable in environment if variable.endswith("DATABASE_URL")]
        assert urls == ([] if name == "gateway" else [f"{name.upper()}_DATABASE_URL"])
    url = environments["catalog"]["CATALOG_DATABASE_URL"]
    assert url.startswith("postgresql://atelier_catalog:")
    assert url.endswith("@db:5432/atelier_catalog?sslmode=require")


def test_every_service_knows_where_the_others_listen(state):
    environments = service_environments(SERVICES, Settings.read({"GATEWAY_PORT": "8123"}), state, ENDPOINTS)
    assert environments["gateway"]["GATEWAY_PORT"] == "8123"
    for environment in environments.values():
        assert environment["CATALOG_URLS"] == f"http://127.0.0.1:{state.ports['catalog']}"
        assert len(environment["INTERNAL_TOKEN_SECRET"]) >= 32
        assert "GATEWAY_URLS" not in environment


def test_only_identity_gets_the_first_login(state):
    environments = service_environments(SERVICES, Settings.read({}), state, ENDPOINTS)
    assert [name for name, one in environments.items() if "FIRST_SUPERUSER_PASSWORD" in one] == ["identity"]


def test_the_administrators_url_is_kept_from_the_services():
    given = whole_environment(
        {"POSTGRES_ADMIN_URL": "secret", "LOG_FORMAT": "json", "HOME": "/h"}, {"A": "1"}
    )
    assert "POSTGRES_ADMIN_URL" not in given
    assert (given["LOG_FORMAT"], given["HOME"], given["A"]) == ("json", "/h", "1")


def test_a_generated_password_is_on_the_page_until_it_was_shown_and_a_given_one_never(state, tmp_path):
    settings = Settings.read({})

    def shown(settings: Settings) -> str:
        return page(settings, DataFolder(tmp_path), state, ENDPOINTS, SERVICES, 1.0)

    assert state.secret("first_superuser_password") in shown(settings)
    assert "hunter22" not in shown(replace(settings, first_superuser_password="hunter22"))
    state.first_login_shown = True
    assert state.secret("first_superuser_password") not in shown(settings)
