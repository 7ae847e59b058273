"""What the next page will say at its foot."""

from django.contrib.messages import get_messages


def told(answer):
    """The messages that a view has left."""
    return [str(message) for message in get_messages(answer.wsgi_request)]
