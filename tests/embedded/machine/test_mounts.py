"""Mounts are read as the kernel writes them."""

from pathlib import Path

import pytest

from embedded.machine import mounts

MOUNTS = """22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:20 / /proc rw - proc proc rw
24 22 0:30 / /var/lib/state rw - overlay overlay rw,lowerdir=/a
25 22 0:31 / /var/lib/state-of-others rw - xfs /dev/vdb rw
25 24 0:32 / /var/lib/with\\040space rw - tmpfs tmpfs rw
26 22 0:33 / /var/lib/covered rw - ext4 /dev/vdc rw
27 22 0:34 / /var/lib/covered rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/root/.cache", "ext4"),
        ("/var/lib/state/emotion-serving", "overlay"),
        ("/var/lib/state-of-others", "xfs"),
        ("/var/lib/stateless", "ext4"),
        ("/var/lib/with space/below", "tmpfs"),
        ("/var/lib/covered/below", "tmpfs"),
    ],
)
def test_the_file_system_of_a_folder_is_that_of_its_nearest_mount(path: str, expected: str) -> None:
    assert mounts.filesystem(Path(path), MOUNTS) == expected


def test_without_any_mount_the_file_system_is_unknown() -> None:
    assert mounts.filesystem(Path("/"), "") == "unknown"
