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


def full(name: str) -> str:
    """The name with its registry, as containerd keeps it: `prom/prometheus` → `docker.io/prom/prometheus`."""
    if _is_host(name.partition("/")[0]) and "/" in name:
        return name
    return f"{DOCKER_HUB}/{mirror_path(name)}"


def _is_host(part: str) -> bool:
    return "." in part or ":" in part or part == "localhost"
