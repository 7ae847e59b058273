"""What people had begun to write in a case goes with it, when its content is erased."""

from uuid import UUID

from django.dispatch import receiver

from escalations.signals import erased
from operators.models import Draft, LabelsDraft, NoteDraft, ReviewDraft


@receiver(erased)
def forget(*, case_id: UUID, **_: object) -> None:
    """Remove the drafts of the case, in the transaction that erases it."""
    Draft.objects.filter(case_id=case_id).delete()
    NoteDraft.objects.filter(case_id=case_id).delete()
    ReviewDraft.objects.filter(review__resolution__case_id=case_id).delete()
    LabelsDraft.objects.filter(resolution__case_id=case_id).delete()
