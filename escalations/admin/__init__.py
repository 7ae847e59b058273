"""Settings: Django's administration, for admins. Every change leaves an audit entry."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from escalations.admin import agents, calendars, people, queues, records

__all__ = ["agents", "calendars", "people", "queues", "records"]

admin.site.site_header = admin.site.site_title = _("Handrail settings")
admin.site.index_title = _("Settings")
# Roles and queues say who may do what; groups would be a second answer.
admin.site.unregister(Group)
