"""`python -m embedded.cluster {images,start,status,stop}`: the cluster without the rest of the product."""

import argparse
import sys

from embedded import cluster


def show(found: cluster.ClusterStatus) -> None:
    for process in found.processes:
        health = "healthy" if process.healthy else process.state.value if process.pid is None else "sick"
        print(f"{process.name:24} {process.pid or '-':>8}  {health:8} {process.log}")
    for name, condition in (("node", found.node), ("dns", found.dns)):
        print(f"{name:24} {'':>8}  {'ready' if condition.ready else 'not ready':8} {condition.reason}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m embedded.cluster", description=cluster.__doc__)
    parser.add_argument("command", choices=("images", "start", "status", "stop"))
    command = parser.parse_args().command
    try:
        match command:
            case "images":
                cluster.start_image_services()
            case "start":
                cluster.start()
            case "stop":
                cluster.stop()
            case "status":
                show(cluster.status())
    except cluster.ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; `start` goes on from here, `stop` cleans up", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
