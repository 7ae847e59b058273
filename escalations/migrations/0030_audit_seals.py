from django.conf import settings
from django.db import migrations, models
from django.db.models.deletion import SET_NULL
from django.db.models.functions import Now


class Migration(migrations.Migration):
    """Seals over the audit log, as unchangeable as the log itself, and checks against them."""

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("escalations", "0029_report_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("count", models.PositiveIntegerField()),
                ("oldest_at", models.DateTimeField()),
                ("newest_at", models.DateTimeField()),
                ("sealed_at", models.DateTimeField()),
                ("entries", models.BinaryField()),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["newest_at"], name="seal_by_newest_entry"),
                    models.Index(fields=["oldest_at"], name="seal_by_oldest_entry"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("previous",), name="one_seal_follows_each_seal"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("count__gt", 0), ("last_id__gte", models.F("first_id")), ("number__gt", 0)
                        ),
                        name="seal_holds_entries",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            """
            CREATE TRIGGER audit_seals_are_append_only
            BEFORE UPDATE OR DELETE ON escalations_auditseal
            FOR EACH ROW EXECUTE FUNCTION escalations_refuse_audit_change();
            """,
            "DROP TRIGGER audit_seals_are_append_only ON escalations_auditseal;",
        ),
        migrations.CreateModel(
            name="AuditCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("started_at", models.DateTimeField(db_default=Now())),
                ("seals", models.PositiveBigIntegerField()),
                ("passed", models.PositiveBigIntegerField(default=0)),
                ("entries", models.PositiveBigIntegerField(default=0)),
                ("flaws", models.JSONField(default=list)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True, on_delete=SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.ExpressionWrapper(
                            models.Q(("finished_at", None)), output_field=models.BooleanField()
                        ),
                        condition=models.Q(("finished_at", None)),
                        name="one_audit_check_at_a_time",
                    )
                ],
            },
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("mention", "Somebody mentioned you"),
                    ("at_risk", "A case is at risk"),
                    ("breached", "A case is late"),
                    ("unroutable", "Nobody can take a case"),
                    ("infeasible", "A case cannot be saved before it expires"),
                    ("assigned", "You were given a case"),
                    ("taken", "Your case was taken over"),
                    ("set_away", "You were set away"),
                    ("user_wrote", "The user wrote to you"),
                    ("woken", "A case that you snoozed is back"),
                    ("reply", "A reply that you waited for came"),
                    ("too_late", "A decision of yours came too late"),
                    ("webhook_off", "A webhook endpoint was turned off"),
                    ("alert", "An alert began or ended"),
                    ("audit_flaw", "The audit log does not fit its seals"),
                ],
                max_length=12,
            ),
        ),
    ]
