"""Settings: Django's administration, for admins. Every change leaves an audit entry."""

from django.contrib import admin
from django.contrib.auth.models import Group

from escalations.admin import agents, calendars, people, queues, records

__all__ = ["agents", "calendars", "people", "queues", "records"]

admin.site.site_header = "Handrail settings"
admin.site.site_title = "Handrail settings"
admin.site.index_title = "Settings"
# Roles and queues say who may do what; groups would be a second answer.
admin.site.unregister(Group)
