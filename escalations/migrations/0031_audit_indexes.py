from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_INDEXES = (
    models.Index(fields=["actor", "id"], name="audit_by_actor"),
    models.Index(fields=["action", "id"], name="audit_by_action"),
    models.Index(fields=["request_id"], name="audit_by_request", condition=~models.Q(request_id="")),
)


class Migration(migrations.Migration):
    """The audit log is searched by who, what and in which request."""

    atomic = False  # built beside the traffic, without a lock

    dependencies = [("escalations", "0030_audit_seals")]

    operations = [AddIndexConcurrently(model_name="auditentry", index=index) for index in _INDEXES]
