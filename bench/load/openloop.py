"""A bounded open-loop load: requests leave by the clock, whatever the answers do, each on a new connection.

For watching a stack scale; a Service spreads connections, not requests, so kept ones would hide a new pod.
"""

import http.client
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.errors import LoadError
from bench.records.estimates import percentile
from bench.records.ranges import Range
from stack.servers.server import JSON

RATES = Range(0, 500, "requests/s", above=True)
SECONDS = Range(0, 600, "s", above=True)
THREADS = 128
TIMEOUT = 10.0  # seconds


@dataclass(frozen=True)
class Load:
    """`rate` requests a second, equally spaced, for some seconds. Raises LoadError out of bounds."""

    rate: float
    seconds: float

    def __post_init__(self) -> None:
        if self.rate not in RATES:
            raise LoadError(RATES.refusal("--load", f"{self.rate:g}"))
        if self.seconds not in SECONDS:
            raise LoadError(SECONDS.refusal("--load-seconds", f"{self.seconds:g}"))

    def schedule(self) -> Iterator[float]:
        """When each request leaves, in seconds after the first."""
        return (index / self.rate for index in range(round(self.rate * self.seconds)))


@dataclass(frozen=True)
class Answer:
    """One request: `outcome` is the HTTP status or the error's name; `latency` in s from the schedule."""

    outcome: str
    latency: float


@dataclass(frozen=True)
class Sent:
    """A finished load. Latencies in milliseconds, from the scheduled send, of answers with status 200."""

    requests: int
    outcomes: Mapping[str, int]
    p50_millis: float | None
    p95_millis: float | None


def summarize(answers: Sequence[Answer]) -> Sent:
    """Counts and percentiles."""
    good = sorted(answer.latency * 1000 for answer in answers if answer.outcome == "200")
    return Sent(
        requests=len(answers),
        outcomes=dict(Counter(answer.outcome for answer in answers)),
        p50_millis=round(percentile(good, 0.50), 1) if good else None,
        p95_millis=round(percentile(good, 0.95), 1) if good else None,
    )


def send(
    load: Load,
    url: str,
    body: bytes,
    headers: Mapping[str, str] = JSON,
    certificate: str | None = None,
    *,
    over: Callable[[], bool] = lambda: False,
) -> tuple[Answer, ...]:
    """POST `body` by the load's schedule, or until it is `over`; returns when all are answered or given up.

    `certificate`: one in PEM to trust beside those that this machine trusts.
    """
    trusted = ssl.create_default_context(cadata=certificate) if url.startswith("https:") else None
    start = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        waiting = []
        for due in load.schedule():
            time.sleep(max(0.0, start + due - time.monotonic()))
            if over():
                break
            waiting.append(pool.submit(_post, url, body, headers, trusted, start + due))
        return tuple(each.result() for each in waiting)


def _post(
    url: str, body: bytes, headers: Mapping[str, str], trusted: ssl.SSLContext | None, due: float
) -> Answer:
    """One request on its own connection; one that waited too long for a thread is not sent any more."""
    if time.monotonic() - due > TIMEOUT:
        return Answer("not sent", time.monotonic() - due)
    where = urlsplit(url)
    host, port = where.hostname or "", where.port
    connection = (
        http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=trusted)
        if trusted
        else http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    )
    try:
        connection.request("POST", where.path, body, {**headers, "Connection": "close"})
        reply = connection.getresponse()
        reply.read()
        return Answer(str(reply.status), time.monotonic() - due)
    except (OSError, http.client.HTTPException) as error:
        return Answer(type(error).__name__, time.monotonic() - due)
    finally:
        connection.close()
