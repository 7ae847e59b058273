"""Short requests: the REST calls and pages of the `web` role."""

import os
from typing import Any

from django.core.wsgi import get_wsgi_application

from config.handlers import AGENTS_PREFIX, for_agents
from config.static import WSGIApplication, with_static_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_pages: WSGIApplication = get_wsgi_application()
_agents: WSGIApplication = for_agents(get_wsgi_application)


def _django(environ: dict[str, Any], start_response: Any) -> Any:
    to_agents = environ["PATH_INFO"].startswith(AGENTS_PREFIX)
    return (_agents if to_agents else _pages)(environ, start_response)


application = with_static_files(_django)
