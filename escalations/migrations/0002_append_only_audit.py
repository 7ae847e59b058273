from django.db import migrations


class Migration(migrations.Migration):
    """The audit log can only grow: the database itself refuses to change or delete an entry."""

    dependencies = [("escalations", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION escalations_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'audit entries cannot be changed or deleted' USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE TRIGGER audit_entries_are_append_only
            BEFORE UPDATE OR DELETE ON escalations_auditentry
            FOR EACH ROW EXECUTE FUNCTION escalations_refuse_audit_change();
            """,
            """
            DROP TRIGGER audit_entries_are_append_only ON escalations_auditentry;
            DROP FUNCTION escalations_refuse_audit_change();
            """,
        ),
    ]
