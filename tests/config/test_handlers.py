"""The agents' calls and the people's pages go through handlers of their own; both stay closed."""

import io

import pytest


def call(path: str) -> tuple[str, dict[str, str]]:
    """Status and headers of a GET without any credentials, through the application that `web` serves."""
    from config.wsgi import application  # reads the folder of static files, which a fixture fills

    answered = {}

    def start_response(status, headers, exc_info=None):
        answered.update(status=status, headers=dict(headers))

    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "HTTP_HOST": "127.0.0.1:8000",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
    }
    response = application(environ, start_response)
    b"".join(response)
    response.close()
    return answered["status"], answered["headers"]


@pytest.mark.django_db
def test_an_agents_call_needs_a_key_and_carries_nothing_for_browsers():
    for path in ("/api/v1/handoffs", "/a2a/tasks"):
        status, headers = call(path)
        assert status.startswith("401")
        assert headers["WWW-Authenticate"] == "Bearer"
        assert headers["X-Request-ID"]
        assert not {"Set-Cookie", "Content-Security-Policy"} & headers.keys()


def test_the_agent_card_is_open_to_all():
    status, headers = call("/.well-known/agent-card.json")
    assert status.startswith("200")
    assert not {"Set-Cookie", "Content-Security-Policy"} & headers.keys()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/figures/", "/datasets/"])
def test_a_page_needs_a_session(path):
    status, headers = call(path)
    assert status.startswith("302")
    assert "Content-Security-Policy" in headers
