"""Short requests: the REST calls and pages of the `web` role."""

import os

from django.core.wsgi import get_wsgi_application

from config.static import with_static_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = with_static_files(get_wsgi_application())
