"""`python -m tests.bench.people QUEUE_ID COUNT`: signed-in people of a queue. Says their sessions as JSON."""

import json
import sys

import django

django.setup()

from django.test import Client  # noqa: E402  needs Django set up

from escalations.models import Queue  # noqa: E402
from tests import factories  # noqa: E402


def main(queue_id: int, count: int) -> None:
    queue = Queue.objects.get(id=queue_id)
    sessions = []
    for number in range(count):
        client = Client()
        client.force_login(factories.make_operator(f"person{number}", queues=[queue]))
        sessions.append(client.cookies["sessionid"].value)
    print(json.dumps(sessions))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
