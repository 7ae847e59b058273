import os
import signal

import psycopg
import pytest

from config.supervisor.postgres import Postgres
from config.supervisor.valkey import Valkey
from tests.servers import wait_until


@pytest.fixture
def postgres(tmp_path):
    server = Postgres(tmp_path / "postgres", run_dir=tmp_path / "run")
    yield server
    server.stop()


def notes(server: Postgres) -> list[tuple[str]]:
    with psycopg.connect(server.url("desk")) as connection:
        return connection.execute("SELECT text FROM note").fetchall()


def test_data_outlive_a_killed_server_and_a_pid_file_that_names_another_process(postgres, tmp_path):
    postgres.start()
    postgres.create_database("desk")
    postgres.create_database("desk")
    with psycopg.connect(postgres.url("desk")) as connection:
        connection.execute("CREATE TABLE note AS SELECT 'kept' AS text")
    postgres.process.signal(signal.SIGKILL)
    wait_until(lambda: not postgres.process.running())

    pid_file = tmp_path / "postgres" / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    postgres.start()
    assert notes(postgres) == [("kept",)]


def test_a_folder_whose_name_is_too_long_for_a_socket(tmp_path):
    folder = tmp_path / ("long" * 30)
    server = Postgres(folder, run_dir=tmp_path / "run", throwaway=True)
    try:
        server.start()
        with psycopg.connect(server.url("postgres")) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
    assert str(folder) not in server.url("postgres")


def test_a_half_made_cluster_is_made_anew(postgres, tmp_path):
    left = tmp_path / "postgres" / "data" / "base"
    left.mkdir(parents=True)
    postgres.start()
    assert (tmp_path / "postgres" / "data" / "PG_VERSION").exists()


def test_valkey_keeps_its_address_over_a_restart_and_asks_for_its_password(tmp_path):
    import redis

    server = Valkey(tmp_path / "valkey", run_dir=tmp_path / "run")
    try:
        for _ in range(2):
            server.start()
            with redis.Redis.from_url(server.url) as client:
                assert client.ping()
            server.stop()
        server.start()
        with (
            redis.Redis.from_url(server.url.replace("redis://:", "redis://:wrong")) as client,
            pytest.raises(redis.AuthenticationError),
        ):
            client.ping()
    finally:
        server.stop()
