"""The counters: what is counted is told, what is not known is no number, and nothing of a person is in it."""

import math

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Levels, Metrics
from storage.records import Raw, Urgency


def read(page: bytes) -> dict[str, float]:
    """Every sample of the page by its name and labels."""
    found = {}
    for family in text_string_to_metric_families(page.decode()):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sample.labels.items())
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def raw(id: int) -> Raw:
    return Raw("telegram", str(id), "5100000001", '{"text": "lời của An"}', id)


def test_updates_and_posts_are_counted_by_their_labels() -> None:
    metrics = Metrics()
    metrics.kept([raw(1), raw(2), raw(3)])
    metrics.handled(raw(1), 0.02)
    metrics.handled(raw(9), 0.3)
    metrics.set_aside(raw(2))
    metrics.sent(Urgency.REMINDER)
    metrics.failed(Urgency.ANSWER)
    metrics.retried(Urgency.SUMMARY, too_many=True)
    metrics.retried(Urgency.SUMMARY, too_many=False)
    metrics.refused(401)
    page = metrics.page(Levels(healthy=True, inbox_waiting=1, outbox_waiting={Urgency.REMINDER: 7}))
    samples = read(page)
    assert samples["chibo_updates_kept_total{channel=telegram}"] == 3
    assert samples["chibo_updates_handled_total{channel=telegram}"] == 2
    assert samples["chibo_updates_set_aside_total{channel=telegram}"] == 1
    assert samples["chibo_kept_to_handled_seconds_count"] == 2, "one from before the start has no beginning"
    assert samples["chibo_turn_seconds_count"] == 2
    assert samples["chibo_turn_seconds_bucket{le=0.025}"] == 1
    assert samples["chibo_turn_seconds_sum"] == pytest.approx(0.32)
    assert samples["chibo_posts_sent_total{urgency=reminder}"] == 1
    assert samples["chibo_posts_failed_total{urgency=answer}"] == 1
    assert samples["chibo_posts_retried_total{urgency=summary}"] == 2
    assert samples["chibo_too_many_requests_total"] == 1
    assert samples["chibo_deliveries_refused_total{status=401}"] == 1
    assert samples["chibo_outbox_waiting{urgency=reminder}"] == 7
    assert samples["chibo_outbox_waiting{urgency=answer}"] == 0
    assert b"5100000001" not in page
    assert "lời của".encode() not in page


def test_what_is_not_known_is_not_nought() -> None:
    samples = read(Metrics().page(Levels(healthy=False, updates_age={"telegram": None})))
    assert samples["chibo_healthy"] == 0
    for name in (
        "inbox_waiting",
        "inbox_oldest_seconds",
        "last_backup_seconds",
        "updates_seconds{channel=telegram}",
    ):
        assert math.isnan(samples[f"chibo_{name}"])


def test_nothing_waiting_has_no_age() -> None:
    samples = read(Metrics().page(Levels(healthy=True, inbox_waiting=0, outbox_waiting={})))
    assert (samples["chibo_inbox_oldest_seconds"], samples["chibo_outbox_oldest_seconds"]) == (0, 0)


def test_a_trouble_is_over_when_something_was_kept() -> None:
    metrics = Metrics()
    assert metrics.recent_trouble(60) is None
    metrics.trouble("full")
    assert metrics.recent_trouble(60) == "full"
    assert metrics.recent_trouble(0) is None
    metrics.kept([])
    assert metrics.recent_trouble(60) == "full", "nothing new was written"
    metrics.kept([raw(1)])
    assert metrics.recent_trouble(60) is None


def test_two_programs_in_one_process_share_nothing() -> None:
    one, other = Metrics(), Metrics()
    one.sent(Urgency.ANSWER)
    assert "chibo_posts_sent_total{urgency=answer}" not in read(other.page(Levels(healthy=True)))
