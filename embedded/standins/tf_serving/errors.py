"""Status codes shared by both protocols, and the one exception that carries them.

Codes: google/rpc/code.proto. HTTP map: tensorflow_serving/model_servers/http_server.cc, ToHTTPStatusCode.
"""

from enum import Enum


class Code(Enum):
    """A canonical status: value is (number on the wire, HTTP status)."""

    OK = (0, 200)
    CANCELLED = (1, 499)
    UNKNOWN = (2, 500)
    INVALID_ARGUMENT = (3, 400)
    DEADLINE_EXCEEDED = (4, 504)
    NOT_FOUND = (5, 404)
    ALREADY_EXISTS = (6, 409)
    PERMISSION_DENIED = (7, 403)
    RESOURCE_EXHAUSTED = (8, 429)
    FAILED_PRECONDITION = (9, 400)
    ABORTED = (10, 409)
    OUT_OF_RANGE = (11, 400)
    UNIMPLEMENTED = (12, 501)
    INTERNAL = (13, 500)
    UNAVAILABLE = (14, 503)
    DATA_LOSS = (15, 500)
    UNAUTHENTICATED = (16, 401)

    @property
    def number(self) -> int:
        """Number of the code in google.rpc.Code and in gRPC."""
        return self.value[0]

    @property
    def http(self) -> int:
        """HTTP status that the REST API answers for this code."""
        return self.value[1]

    @classmethod
    def of(cls, number: int) -> "Code":
        """Code with this wire number; UNKNOWN for numbers that are not codes."""
        return next((code for code in cls if code.number == number), cls.UNKNOWN)


class ServingError(Exception):
    """A request, or a load, that failed: both protocols answer `code` and `message`."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code.name}: {self.message}"


def invalid(message: str) -> ServingError:
    """The caller's fault, as upstream's errors::InvalidArgument."""
    return ServingError(Code.INVALID_ARGUMENT, message)


class StartError(Exception):
    """Settings or files that the server refuses to start with; the text names the fix."""
