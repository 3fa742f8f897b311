"""Debian's minimal system as a tar file, made by debootstrap and thinned like Debian's own "slim" image."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from embedded.mirror.ingredients import log_file
from embedded.mirror.recipe import Heartbeat
from embedded.toolchain import tool
from embedded.toolchain.command import Command, output_of, run

_MIRROR_QUERY = ("apt-get", "indextargets", "--format", "$(REPO_URI)", "Origin: Debian", "Label: Debian")


@dataclass(frozen=True)
class RootFileSystem:
    """`rootfs.tar` of a Debian release, thinned by the recipe's `thin.sh`."""

    suite: str

    def fingerprint(self) -> str:
        return self.suite

    def place(self, context: Path, still: Heartbeat) -> None:
        root = context.with_name(f"{context.name}.rootfs")
        root.mkdir(parents=True)
        try:
            _run("debootstrap", debootstrap_arguments(self.suite, root), still)
            _run("thin.sh", (str(context / "thin.sh"), str(root)), still)
            _run(
                "tar", ("tar", "--numeric-owner", "-C", str(root), "-cf", f"{context}/rootfs.tar", "."), still
            )
        finally:
            shutil.rmtree(root, ignore_errors=True)


def debootstrap_arguments(suite: str, root: Path) -> tuple[str, ...]:
    """debootstrap in its own mount and process namespaces, so that no mount or process outlives us.

    `unshare --fork` ignores SIGTERM, hence setpriv: the kernel kills it when we die, however we die.
    debootstrap downloads from where apt on this machine does, if that is a Debian, else from its default.
    """
    alone = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child")
    found = output_of(_MIRROR_QUERY).split()
    archive = tuple(found[:1]) if found and found[0].startswith("http://") else ()
    return (*alone, str(tool("debootstrap")), "--variant=minbase", suite, str(root), *archive)


def _run(name: str, argv: tuple[str, ...], still: Heartbeat) -> None:
    advice = "give apt on this machine access to a Debian archive over http, and free some disk"
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    run(Command(name, argv, log_file(name), advice, env=environment, limit=600), still)
