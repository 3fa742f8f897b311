"""Nothing that was started outlives the process that started it."""

import ast
import os
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest

from base import children
from stack.files import ROOT
from tests.test_rooms import ROOMS, modules

Mine = Callable[[], list[psutil.Process]]
linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
POOL = """
import os, sys, time
from base import children
def work(seconds):
    time.sleep(seconds)
with children.pool(3) as pool:
    work = [pool.submit(work, 60) for _ in range(30)]
    print("ready", flush=True)
    work[0].result()
"""
CHILD = """
import subprocess, sys
from base import children
subprocess.Popen(["sleep", "60"], preexec_fn=children.tied(), start_new_session=True)
print("ready", flush=True)
sys.stdin.read()
"""


def started(program: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def come_true(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def gone(processes: list[psutil.Process]) -> bool:
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes)


@linux
@pytest.mark.parametrize(("program", "number"), [(POOL, 3), (CHILD, 1)], ids=["workers", "a program"])
def test_children_end_with_a_parent_that_is_killed(program: str, number: int) -> None:
    with started(program) as process:
        assert come_true(lambda: len(psutil.Process(process.pid).children()) == number)
        below = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        assert come_true(lambda: gone(below))


@linux
def test_a_program_that_a_script_starts_ends_with_the_script() -> None:
    script = f"'{sys.executable}' -m base sh -c 'echo ready; exec sleep 60'; true"
    with subprocess.Popen(["bash", "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as bash:
        assert bash.stdout
        assert bash.stdout.readline() == "ready\n"
        below = psutil.Process(bash.pid).children(recursive=True)
        assert below
        bash.kill()
        assert come_true(lambda: gone(below))


def test_a_program_run_for_a_script_is_the_program_itself() -> None:
    words = [sys.executable, "-m", "base", "sh", "-c", 'echo "$0 $1" $$; exit 5', "a b", "$c"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        printed, _ = process.communicate()
    assert (printed, process.returncode) == (f"a b $c {process.pid}\n", 5)
    missing = subprocess.run([*words[:3], "none-such"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (missing.returncode, missing.stderr) == (127, "none-such: No such file or directory\n")


@pytest.fixture
def mine() -> Mine:
    """The children that a test has started: this process may have others."""
    others = psutil.Process().children()
    return lambda: [each for each in psutil.Process().children() if each not in others]


def nap(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def test_an_error_ends_the_workers_at_once_whatever_they_are_at(mine: Mine) -> None:
    began = time.monotonic()
    with pytest.raises(ValueError, match="the body"), children.pool(2) as pool:
        for _ in range(8):
            pool.submit(nap, 60)
        raise ValueError("the body")
    assert time.monotonic() - began < 50
    assert gone(mine())


def test_a_worker_that_something_kills_is_an_error_and_no_wait(mine: Mine) -> None:
    with pytest.raises(children.WorkerLostError, match="lack of memory"), children.pool(2) as pool:
        waiting = [pool.submit(nap, 60) for _ in range(4)]
        for worker in mine():
            worker.kill()
        waiting[0].result()


def much(_: int) -> bytes:
    return bytes(30_000_000)


def test_answers_that_are_on_their_way_hold_up_no_end(mine: Mine) -> None:
    """A killed worker leaves half an answer behind, for whose rest nobody may wait."""
    for _ in range(5):
        with pytest.raises(ValueError, match="the body"), children.pool(2) as pool:
            answers = pool.map(much, range(20))
            next(answers)
            raise ValueError("the body")
    with pytest.raises(children.WorkerLostError), children.pool(1) as pool:
        answers = pool.map(much, range(50))
        next(answers)
        (worker,) = mine()
        worker.kill()
        for answer in answers:
            assert answer


def fails(number: int) -> None:
    raise KeyError(number)


def test_work_gives_its_results_in_order_and_its_errors_with_where_they_came_from() -> None:
    with children.pool(2) as pool:
        assert list(pool.map(pow, range(50), [2] * 50)) == [number**2 for number in range(50)]
        assert os.getpid() not in list(pool.map(nap, [0, 0, 0]))
        with pytest.raises(KeyError, match="7") as caught:
            pool.submit(fails, 7).result()
        assert "in fails" in caught.value.__notes__[0]


TIES_THEM = "base/children.py"
OUTLIVES = (
    "embedded/cluster/processes/process.py"  # the cluster's own processes, which stay when `make up` ends
)
WAYS = ("subprocess.run", "subprocess.Popen", "subprocess.check_", "multiprocessing.", "os.spawn", "os.fork")


def test_every_child_and_every_pool_of_the_product_is_tied_to_its_parent() -> None:
    untied = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for room in ROOMS
        for file in modules(room).values()
        if str(file.relative_to(ROOT)) not in (TIES_THEM, OUTLIVES)
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and _starts(call) and not _ties(call)
    ]
    assert not untied


GRPC = ("embedded/standins/docker_plugin", "infra/cluster_survey.py", "infra/target.py", "infra/__main__.py")


def test_no_process_that_holds_grpc_runs_python_in_a_fork() -> None:
    """Seen: the second of two images was not built, as docker's command had crashed before it began."""
    for place in GRPC:
        for file in [ROOT / place, *(ROOT / place).rglob("*.py")]:
            assert not file.is_file() or "preexec_fn" not in file.read_text(), file


def _ties(call: ast.Call) -> bool:
    by_command = bool(call.args) and ast.unparse(call.args[0]).startswith("tied_command(")
    return by_command or "preexec_fn" in {keyword.arg for keyword in call.keywords}


def _starts(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    return name.startswith(WAYS) or name.endswith(("ProcessPoolExecutor", "os.system", "os.popen"))
