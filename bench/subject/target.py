"""The server under test: that it may be loaded, that it answers, that it does what its settings say."""

import ipaddress
import re
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import requests

from base.children import tied
from bench.errors import LoadError, NoAnswerError, OptionError, TargetError
from bench.records.run import SERVICE
from bench.subject import answers, payloads, probe, verify
from bench.subject.asking import post
from bench.subject.deployed import Deployed
from bench.subject.predict import Answer, Ask, predict
from stack.outputs import OPEN, Door, Endpoint, StackOutputs
from stack.servers import SERVERS, serving
from stack.servers.server import JSON

SECONDS = 10.0


@dataclass(frozen=True)
class Target:
    """One server of a stack, and the bodies to send to it.

    `says` is its Server header, `headers` are every request's, `route` how it is reached: SERVICE or
    PORT_FORWARD of `bench.records.run`. `ask` puts one photo to the server, and `first` is what it said of
    each without load.
    """

    stack: Deployed
    endpoint: Endpoint
    url: str
    photos: tuple[payloads.Photo, ...]
    bodies: tuple[bytes, ...]
    says: str
    route: str = SERVICE
    ask: Ask = predict
    first: tuple[Answer, ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)

    @property
    def same_machine(self) -> bool:
        """The load generator runs on the machine of the server, and takes CPU from it."""
        return all(address.is_loopback for address in addresses(self.url))


def chosen(outputs: StackOutputs, server: str | None) -> tuple[Endpoint, ...]:
    """The endpoint of a server, or all. Raises OptionError for a server that the stack does not have."""
    found = tuple(each for each in outputs.endpoints if server in (None, each.server))
    if not found:
        known = ", ".join(each.server for each in outputs.endpoints)
        raise OptionError(f"--server: expected one of {known}, got {server}; the stack has no other")
    return found


def aim(
    stack: Deployed,
    endpoint: Endpoint,
    photos: tuple[payloads.Photo, ...],
    route: str = SERVICE,
    ask: Ask = predict,
) -> Target:
    """Check the address, and the answer about every photo. Raises LoadError, RefusedError, NoAnswerError."""
    if endpoint.url is None:
        raise LoadError(f"{endpoint.server}: reached only inside the cluster; set service.type to NodePort")
    require_near(endpoint.url)
    if endpoint.model.adopted:
        photos = payloads.requests(endpoint)
    first = answers.first(endpoint, photos, ask)
    if endpoint.model.adopted:
        answers.require_as_adopted(photos, payloads.expected(endpoint, photos), first)
    dialect = serving(endpoint.model)[endpoint.server].dialect
    bodies = tuple(dialect.body(photo.content) for photo in photos)
    says = server_header(endpoint.url, bodies[0], dialect.headers, endpoint.door)
    headers = {**dialect.headers, **endpoint.door.headers}
    return Target(stack, endpoint, endpoint.url, photos, bodies, says, route, ask, first, headers)


@contextmanager
def forwarded(stack: Deployed, endpoint: Endpoint) -> Iterator[Endpoint]:
    """The same server through `kubectl port-forward`, as the thesis reached it: to show what that adds.

    Raises TargetError if it cannot be set up.
    """
    outputs, port = stack.outputs, SERVERS[endpoint.server].inference.number
    command = ["kubectl", "--context", outputs.context, "--namespace", outputs.namespace, "port-forward"]
    command += [f"service/{endpoint.deployment}", f":{port}", "--address", "127.0.0.1"]
    pipe, merged = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, stdout=pipe, stderr=merged, text=True, preexec_fn=tied()) as process:
        try:
            said = process.stdout.readline() if process.stdout else ""
            found = re.match(r"Forwarding from 127\.0\.0\.1:(\d+)", said)
            if not found:
                raise TargetError(
                    f"kubectl port-forward: {said.strip() or 'it said nothing'}; run: make status"
                )
            path = urlsplit(endpoint.url or "").path
            yield replace(endpoint, url=f"http://127.0.0.1:{found[1]}{path}", door=OPEN)
        finally:
            process.terminate()


def require_near(url: str) -> None:
    """Load stays on this machine or its private network. Raises LoadError for any other address."""
    for address in addresses(url):
        if not (address.is_loopback or address.is_private):
            raise LoadError(
                f"{url}: expected a loopback or private address, got {address}; run the bench in its network"
            )


def addresses(url: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, ...]:
    """The addresses of a URL's host. Raises LoadError for a host that has none."""
    host = urlsplit(url).hostname or ""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise LoadError(f"{url}: {host} has no address ({error}); is it up?") from error
    return tuple(ipaddress.ip_address(str(each[4][0])) for each in found)


def server_header(url: str, body: bytes, headers: Mapping[str, str], door: Door = OPEN) -> str:
    """What the server calls itself, "none" where it does not. Raises NoAnswerError."""
    try:
        reply = post(url, body, headers, seconds=SECONDS, door=door)
    except requests.RequestException as error:
        raise NoAnswerError(f"no answer from {url} ({type(error).__name__}); run: make status") from error
    return reply.headers.get("Server", "none")


def mismatches(target: Target) -> tuple[str, ...]:
    """Settings of the stack that its pods do not follow. Raises ClusterError."""
    stack = target.stack
    blocks = verify.verify(stack.outputs, stack.settings, probe.observe(stack))
    return tuple(
        f"{block.subject}: {each.what}: expected {each.expected}, found {each.found}"
        for block in blocks
        for each in block.findings
        if not each.ok
    )


def restarts(target: Target) -> dict[str, int]:
    """Restarts of the containers of each of the server's pods, by the pod. Raises ClusterError."""
    return {pod.name: pod.restarts for pod in target.stack.pods(target.endpoint)}
