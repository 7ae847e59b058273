from django.db import migrations, models

# The two that other tools and published sets of labels name otherwise than this desk did.
NAMES = """
    UPDATE escalations_checkpoint SET fault = CASE fault WHEN 'time_out' THEN 'timeout' ELSE 'html_not_json' END
    WHERE fault IN ('time_out', 'html_instead_of_json');

    UPDATE escalations_labelrevision
    SET tool_fault = jsonb_set(tool_fault, '{kind}', CASE tool_fault ->> 'kind'
        WHEN 'time_out' THEN '"timeout"'::jsonb ELSE '"html_not_json"'::jsonb END)
    WHERE tool_fault ->> 'kind' IN ('time_out', 'html_instead_of_json');

    UPDATE escalations_labelsuggestion
    SET value = jsonb_set(value, '{kind}', CASE value ->> 'kind'
        WHEN 'time_out' THEN '"timeout"'::jsonb ELSE '"html_not_json"'::jsonb END)
    WHERE field = 'tool_fault' AND value ->> 'kind' IN ('time_out', 'html_instead_of_json');
"""


class Migration(migrations.Migration):
    """Faults of tools are named `timeout` and `html_not_json`, in the API and in labels alike."""

    dependencies = [("escalations", "0044_waited_by_the_calendar")]

    operations = [
        migrations.AlterField(
            model_name="checkpoint",
            name="fault",
            field=models.CharField(
                choices=[
                    ("ok", "Passed"),
                    ("timeout", "Time-out"),
                    ("http_error", "HTTP error"),
                    ("html_not_json", "HTML instead of JSON"),
                    ("schema_mismatch", "Does not fit its schema"),
                    ("empty", "Empty"),
                    ("stale", "Out of date"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunSQL(NAMES, migrations.RunSQL.noop),
    ]
