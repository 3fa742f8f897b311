"""KEDA's custom resources, as Kubernetes is told of them.

`scaledobjects.yaml` is upstream's, of the release in versions.json (config/crd/bases). The operator watches
five more kinds, which it is given no rights to serve here; objects of them are refused in one sentence.
"""

from functools import cache
from pathlib import Path
from typing import cast

import yaml

from stack.kube import KubeObject

FILE = Path(__file__).with_name("scaledobjects.yaml")


@cache
def scaled_objects() -> KubeObject:
    """Upstream's definition of ScaledObject."""
    return cast("KubeObject", yaml.safe_load(FILE.read_text()))
