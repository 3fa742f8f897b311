"""Arms of simulated experiments: the twelve variants, a twin, one through port-forward; and sizes."""

from dataclasses import dataclass, replace

from bench.records.experiment import Arm
from tests.bench.simulation import Simulated


@dataclass(frozen=True)
class Spec:
    """One arm and how its server behaves."""

    arm: Arm
    server: Simulated

    @property
    def kind(self) -> str:
        """Its model server."""
        return "torchserve" if self.arm.stack.startswith("torch") else "tensorflow"

    @property
    def scaled(self) -> bool:
        """It has an autoscaler."""
        return self.arm.stack.endswith("hpa")


@dataclass(frozen=True)
class Size:
    """How much is measured, in blocks and seconds."""

    blocks: int = 3
    thesis: float = 120.0
    serial: float = 10.0
    trial: float = 8.0
    confirm: float = 30.0
    step: float = 120.0
    extras: bool = True  # series, steps, baselines, a void run


SMALL = Size(thesis=20.0, serial=2.0, trial=4.0, confirm=10.0, step=60.0)
_TORCH = Simulated(workers=1, millis=11.0)
_TF = Simulated()
SERVERS = {
    "tf-default": _TF,
    "tf-threads": replace(_TF, millis=7.0),
    "tf-batch-10ms": replace(_TF, limit=10, timeout=0.010),
    "tf-batch-100ms": replace(_TF, limit=10, timeout=0.100),
    "torch-10-workers": replace(_TORCH, workers=10, millis=60.0),
    "torch-1-10-workers": _TORCH,
    "torch-batch": replace(_TORCH, limit=10, timeout=0.100),
    "torch-replicas": replace(_TORCH, pods=2),
    "torch-hpa": _TORCH,
    "tf-batch-tuned": replace(_TF, millis=7.0, limit=32, timeout=0.001),
    "tf-hpa": replace(_TF, workers=1),
    "torch-tuned": replace(_TORCH, workers=2),
}
TWIN = Spec(Arm("tf-default@twin", "tf-default", twin_of="tf-default"), _TF)
FORWARD = Spec(
    Arm("tf-default@port-forward", "tf-default", through_port_forward=True), replace(_TF, front_millis=48)
)
VARIANTS = tuple(Spec(Arm(name, name), server) for name, server in SERVERS.items())
ALL = (*VARIANTS, TWIN, FORWARD)
FEW = tuple(
    spec for spec in ALL if spec.arm.stack in ("tf-default", "tf-batch-tuned", "torch-batch", "torch-hpa")
)
