"""The cluster of one kubeconfig context: read its API, ask its pods. Nothing here changes the cluster."""

import json
import threading
from collections.abc import Sequence
from typing import cast

from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException
from kubernetes.stream import stream
from kubernetes.stream.ws_client import WSClient
from urllib3.exceptions import HTTPError
from websocket import WebSocketException

from bench.errors import ClusterError, CommandError

SECONDS = 10
FRAME = 2**16  # characters of a command's input in one message
GONE = 404


class Cluster:
    """Reads one cluster. Every question is bounded in time; each thread has a client of its own."""

    def __init__(self, context: str) -> None:
        """Raises ClusterError for a context that the kubeconfig does not have."""
        self.context = context
        self._threads = threading.local()
        self._client()

    def _client(self) -> client.ApiClient:
        """This thread's: `stream` changes a client while it runs a command."""
        if not hasattr(self._threads, "client"):
            try:
                made: client.ApiClient = config.new_client_from_config(context=self.context)
            except ConfigException as error:
                raise ClusterError(f'context "{self.context}": {error}') from error
            made.configuration.retries = False
            self._threads.client = made
        return cast("client.ApiClient", self._threads.client)

    def text(self, path: str) -> str:
        """The answer to GET `path`. Raises ClusterError."""
        api = self._client()
        request = api.param_serialize("GET", path, auth_settings=["BearerToken"])
        try:
            answer = api.call_api(*request, _request_timeout=(SECONDS, SECONDS))
            body: bytes = answer.read()
        except HTTPError as error:
            raise ClusterError(
                f'context "{self.context}" does not answer ({type(error).__name__})'
            ) from error
        if answer.status != 200:
            raise ClusterError(
                f"{path.partition('?')[0]}: HTTP {answer.status}: {body.decode()[:300].strip()}"
            )
        return body.decode()

    def get(self, path: str) -> object:
        """The object or list at `path`, as JSON data. Raises ClusterError."""
        return cast("object", json.loads(self.text(path)))

    def find(self, path: str) -> object | None:
        """As `get`; None where there is no such object."""
        try:
            return self.get(path)
        except ClusterError as error:
            if f"HTTP {GONE}:" in str(error):
                return None
            raise

    def execute(
        self,
        namespace: str,
        pod: str,
        container: str,
        command: Sequence[str],
        *,
        stdin: str = "",
        seconds: float = SECONDS,
    ) -> str:
        """What a command inside a container prints; its input is not closed after `stdin`.

        Raises CommandError if it fails, ClusterError if it cannot run or has not ended after `seconds`.
        """
        core = client.CoreV1Api(self._client())
        try:
            run = stream(
                core.connect_get_namespaced_pod_exec,
                pod,
                namespace,
                container=container,
                command=list(command),
                stdout=True,
                stderr=True,
                stdin=bool(stdin),
                tty=False,
                _preload_content=False,
            )
            for start in range(0, len(stdin), FRAME):
                run.write_stdin(stdin[start : start + FRAME])
            run.run_forever(timeout=seconds)
        except (ApiException, WebSocketException, OSError) as error:
            raise ClusterError(f"{pod}: cannot run a command in it: {_reason(error)}") from error
        return _output(run, pod, seconds)


def contexts() -> list[str]:
    """Those of the kubeconfig; none where there is no kubeconfig."""
    try:
        known, _ = config.list_kube_config_contexts()
    except ConfigException:
        return []
    return [str(context["name"]) for context in known]


def _output(session: WSClient, pod: str, seconds: float) -> str:
    output, errors = str(session.read_stdout(timeout=0) or ""), str(session.read_stderr(timeout=0) or "")
    if session.is_open():
        session.close()
        raise ClusterError(f"{pod}: its command did not end within {seconds:g} s")
    if code := _exit_code(session, pod):
        said = (errors.strip().splitlines() or ["it said nothing"])[-1]
        raise CommandError(f"{pod}: its command failed ({code}): {said[:300]}", code)
    return output


def _exit_code(session: WSClient, pod: str) -> int:
    try:
        return session.returncode or 0
    except ValueError as error:  # where the API server tells in its place why the command never ran
        told = str(error).rpartition(": ")[2].strip("'")
        raise ClusterError(f"{pod}: cannot run a command in it: {told}") from error


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error).strip()[:300]
