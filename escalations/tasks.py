"""Celery only makes these sooner; see `escalations.sweeps`."""

from celery import shared_task

from escalations import sweeps


@shared_task
def sweep_leases() -> None:
    sweeps.sweep_leases()


@shared_task
def sweep_expired() -> None:
    sweeps.sweep_expired()


@shared_task
def sweep_ages() -> None:
    sweeps.sweep_ages()


@shared_task
def sweep_timers() -> None:
    sweeps.sweep_timers()


@shared_task
def sweep_aside() -> None:
    sweeps.sweep_aside()


@shared_task
def sweep_routing() -> None:
    sweeps.sweep_routing()


@shared_task
def sweep_words() -> None:
    sweeps.sweep_words()


@shared_task
def sweep_closed() -> None:
    sweeps.sweep_closed()


@shared_task
def sweep_conversations() -> None:
    sweeps.sweep_conversations()


@shared_task
def sweep_notices() -> None:
    sweeps.sweep_notices()


@shared_task
def sweep_runs() -> None:
    sweeps.sweep_runs()


@shared_task
def sweep_alerts() -> None:
    sweeps.sweep_alerts()


@shared_task
def sweep_audit() -> None:
    sweeps.sweep_audit()


@shared_task
def sweep_audit_checks() -> None:
    sweeps.sweep_audit_checks()


@shared_task
def sweep_reviews() -> None:
    sweeps.sweep_reviews()


@shared_task
def sweep_subjects() -> None:
    sweeps.sweep_subjects()


@shared_task
def sweep_erasures() -> None:
    sweeps.sweep_erasures()


# A build of a million rows takes longer than any other task may.
@shared_task(time_limit=86_400)
def build_datasets() -> None:
    sweeps.build_datasets()


# A busy week takes minutes.
@shared_task(time_limit=1_800)
def sweep_replays() -> None:
    sweeps.sweep_replays()


@shared_task
def sweep_figures() -> None:
    sweeps.sweep_figures()


@shared_task
def measure_queues() -> None:
    sweeps.measure_queues()


@shared_task
def measure_costs() -> None:
    sweeps.measure_costs()


@shared_task
def import_labels() -> None:
    sweeps.import_labels()
