"""Each reason not to start is one line that says what to do."""

import fcntl
import socket

import pytest

from config.supervisor.checks import free_port
from tests.config.installation import Installation


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    return Installation(tmp_path_factory.mktemp("refusing"))


def says(message: str) -> str:
    assert message.startswith("handrail: ")
    assert message.count("\n") == 1
    return message


def test_a_port_in_use(installation):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"port {port} cannot be used" in says(installation.refuses(PORT=str(port)))


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none(installation, port):
    assert "PORT" in says(installation.refuses(PORT=port))


def test_a_database_that_does_not_answer(installation):
    database = f"postgresql://desk:hidden@127.0.0.1:{free_port()}/handrail"
    said = says(installation.refuses(PORT=str(free_port()), DATABASE_URL=database))
    assert "DATABASE_URL" in said
    assert "hidden" not in said


def test_a_database_address_of_something_else(installation):
    assert "DATABASE_URL" in says(
        installation.refuses(PORT=str(free_port()), DATABASE_URL="mysql://db/handrail")
    )


@pytest.mark.parametrize("address", ["redis://:hidden@127.0.0.1:{port}/0", "amqp://127.0.0.1:{port}"])
def test_a_broker_that_does_not_answer(installation, address):
    said = says(installation.refuses(PORT=str(free_port()), REDIS_URL=address.format(port=free_port())))
    assert "REDIS_URL" in said
    assert "hidden" not in said


def test_a_setting_of_the_wrong_form(installation):
    said = says(installation.refuses(PORT=str(free_port()), DATABASE_POOL_SIZE="many"))
    assert "DATABASE_POOL_SIZE" in said


def test_a_second_start_from_the_same_folder(installation):
    (installation.folder / "var").mkdir(exist_ok=True)
    with (installation.folder / "var" / "supervisor.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "already runs" in says(installation.refuses())
