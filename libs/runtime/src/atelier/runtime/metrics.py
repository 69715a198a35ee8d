"""Every metric of the runtime, in one place."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

HTTP_SECONDS = Histogram(
    "http_request_seconds",
    "Time to answer a request, in seconds.",
    ("method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
RELAYED = Counter("outbox_relayed_total", "Events that the broker acknowledged.", ("topic",))
RELAY_FAILURES = Counter("outbox_failures_total", "Hand-overs to the broker that failed.", ("reason",))
RELAY_LEADER = Gauge("outbox_leader", "1 while this process relays the service's outbox.")
OUTBOX_OLDEST_SECONDS = Gauge("outbox_oldest_seconds", "Age of the oldest event that waits in the outbox.")
RECORDS = Counter(
    "consumed_records_total", "Records by what became of them.", ("consumer", "topic", "outcome")
)
BATCH_SECONDS = Histogram("consumed_batch_seconds", "Time to handle a batch of records.", ("consumer",))
DEAD_LETTERS = Counter("dead_letters_total", "Records set aside, by reason.", ("consumer", "topic", "reason"))
JOBS = Counter("jobs_total", "Runs of jobs by outcome.", ("kind", "outcome"))
CALLS_SECONDS = Histogram("internal_call_seconds", "Time of calls to other services.", ("service", "outcome"))
