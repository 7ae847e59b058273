from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

# The marks of a case in the index of the search, from its time-ordered id: whether it is in the sample of one in
# 64 (-1) or not (-2), and two stretches of time that it came in, of 50 and of 3 days, by the first 16 and 20 bits.
MARKS = """
CREATE OR REPLACE FUNCTION case_marks(id uuid)
RETURNS int[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY[
        CASE WHEN right(id::text, 2) < '04' THEN -1 ELSE -2 END,
        ('x0000' || left(id::text, 4))::bit(32)::int,
        65536 + ('x000' || left(id::text, 5))::bit(32)::int]
$$;
"""

# The marks of all stretches from that of one case to that of another: short ones first, then long ones.
STRETCHES = """
CREATE OR REPLACE FUNCTION case_stretches(since uuid, until uuid)
RETURNS int[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(
        SELECT 65536 + short FROM generate_series(
            ('x000' || left(since::text, 5))::bit(32)::int, ('x000' || left(since::text, 5))::bit(32)::int | 15) short
        UNION ALL
        SELECT long FROM generate_series(
            ('x0000' || left(since::text, 4))::bit(32)::int + 1, ('x0000' || left(until::text, 4))::bit(32)::int) long)
$$;
"""


class Migration(migrations.Migration):
    """The index of the search knows from which time a case is, so that not each match need be fetched."""

    atomic = False  # built beside the traffic, without a lock

    dependencies = [("escalations", "0015_open_case_indexes")]

    operations = [
        migrations.RunSQL(MARKS + STRETCHES, "DROP FUNCTION case_marks, case_stretches;"),
        AddIndexConcurrently(
            model_name="casetext",
            index=GinIndex(
                models.F("words"),
                models.Func("case_id", function="case_marks", output_field=ArrayField(models.IntegerField())),
                name="case_words_by_time",
            ),
        ),
        RemoveIndexConcurrently(model_name="casetext", name="case_words"),
    ]
