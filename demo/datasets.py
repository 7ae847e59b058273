"""A dataset to look at: what billing taught, whose first version is built as soon as the desk runs."""

from escalations.auditing import audit
from escalations.datasets import versions
from escalations.datasets.filters import Filter
from escalations.models import Dataset, Operator


def ask_for_one() -> None:
    """Make the dataset of a desk that has none, and ask for its first version."""
    if Dataset.objects.exists():
        return
    sam = Operator.objects.get(username="sam")
    dataset = Dataset.objects.create(
        name="billing-decisions",
        description="What people made of the proposals of the billing agent",
        filter=Filter(agent="billing").as_json(),
        created_by=sam,
    )
    versions.start(dataset, actor=audit.operator_actor(sam), created_by=sam, note="To begin with")
