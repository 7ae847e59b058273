import time

import pytest
from kombu.exceptions import OperationalError

from escalations.models import SweepRun
from escalations.tasks import sweep_leases
from tests.servers import wait_until, worker_answers


def test_work_is_announced_or_refused_at_once(valkey):
    sweep_leases.delay()
    valkey.stop()
    for _ in range(3):
        started = time.monotonic()
        with pytest.raises(OperationalError):
            sweep_leases.delay()
        assert time.monotonic() - started < 0.5
    valkey.start()
    sweep_leases.delay()


def test_a_worker_waits_for_its_broker(celery_worker_process, valkey):
    valkey.stop()
    wait_until(lambda: "Connection to broker lost" in celery_worker_process.log.read_text(), seconds=20)
    valkey.start()
    wait_until(worker_answers, seconds=30, what="the worker is back")
    sweep_leases.delay()
    wait_until(lambda: SweepRun.objects.filter(name="leases").exists(), what="the task ran")
    assert celery_worker_process.running()


def test_beat_starts_the_sweeps(celery_worker_process, celery_beat_process):
    wait_until(
        lambda: {"leases", "expired", "timers"} <= set(SweepRun.objects.values_list("name", flat=True)),
        seconds=60,
        what="each frequent sweep ran",
    )
