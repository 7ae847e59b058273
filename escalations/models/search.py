"""The words of a case, for the search. Written after intake: it takes longer than the rest of it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func

from escalations.models.cases import Escalation

# Of which time a case is, and whether it is in the sample: a function of the database (migration 0016).
_MARKS = Func("case_id", function="case_marks", output_field=ArrayField(models.IntegerField()))


class CaseText(models.Model):
    """Headline, summary, question and messages of a case as a text-search vector."""

    case = models.OneToOneField(Escalation, on_delete=models.CASCADE, primary_key=True, related_name="text")
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(F("words"), _MARKS, name="case_words_by_time")]

    def __str__(self) -> str:
        return f"Words of {self.case_id}"


class Bookmark(models.Model):
    """How far a reader of the log, or of the cases, has come; see `escalations.search.indexing`."""

    name = models.CharField(max_length=40, primary_key=True)
    place = models.TextField()

    def __str__(self) -> str:
        return f"{self.name} at {self.place}"
