"""How the container run-times ask a mirror for an image."""

DOCKER_HUB = "docker.io"


def mirror_path(name: str) -> str:
    """The repository under which a mirror is asked for an image.

    The registry's host is left out, and Docker Hub's official images are in `library/`:
    `debian` → `library/debian`, `registry.k8s.io/coredns/coredns` → `coredns/coredns`.
    """
    host, _, rest = name.partition("/")
    if not rest:
        return f"library/{name}"
    if host == DOCKER_HUB:
        return mirror_path(rest)
    return rest if _is_host(host) else name


def _is_host(part: str) -> bool:
    return "." in part or ":" in part or part == "localhost"
