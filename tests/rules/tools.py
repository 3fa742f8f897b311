"""Upstream's checks of manifests: kubeconform and kube-score.

The only module of the rules that starts programs. None of them asks the network.
"""

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import cast

import kubernetes_validate  # type: ignore[import-untyped]
import yaml

from infra.gateway import definitions
from stack.kube import KubeObject
from stack.recorded import part
from tests.rules.finding import Finding
from tests.rules.reading import Stack, each

KUBERNETES = ("1.34", "1.37")  # the oldest that we support and the newest whose schema we have
SCHEMAS = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"


def missing() -> list[str]:
    """Tools that this machine lacks; `make rules` brings them."""
    return [name for name in ("kubeconform", "kube-score") if shutil.which(name) is None]


def write(stacks: Iterable[Stack], folder: Path) -> None:
    """One file a stack: `folder/<stack>.yaml`."""
    for stack in stacks:
        (folder / f"{stack.name}.yaml").write_text(yaml.safe_dump_all(stack.objects, sort_keys=False))


def kubeconform(manifests: Path, scratch: Path) -> list[Finding]:
    """Every file of `manifests` against Kubernetes' own schemas, fields unknown to them refused."""
    found = []
    for version in KUBERNETES:
        schemas = scratch / version
        _copy_schemas(SCHEMAS / f"v{version}.0-local-strict", schemas, manifests)
        location = f"{schemas}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
        said = _run("kubeconform", "-strict", "-output", "json", "-schema-location", location, str(manifests))
        for item in each(json.loads(said), "resources"):
            name = f"{item['kind']}/{item['name']}"
            stack = Path(str(item["filename"])).stem
            found.append(
                Finding("kubeconform", str(item["status"]), stack, name, f"{version}: {item['msg']}")
            )
    return found


def _copy_schemas(source: Path, target: Path, manifests: Path) -> None:
    """The schemas of the rendered kinds, naming one another by files instead of addresses."""
    target.mkdir(parents=True)
    own = custom_schemas()
    for name in {"_definitions", *_schema_names(manifests)} - own.keys():
        schema = json.loads((source / f"{name}.json").read_text())
        del schema["$id"]
        text = json.dumps(schema).replace('"/api/_definitions.json#', '"_definitions.json#')
        (target / f"{name}.json").write_text(text)
    for name, schema in own.items():
        (target / f"{name}.json").write_text(json.dumps(schema))


@cache
def custom_schemas() -> dict[str, KubeObject]:
    """The schemas that the gateway's own definitions hold, fields unknown to them refused."""
    found = dict[str, KubeObject]()
    for definition in definitions.objects("", "", gateway_api=True):
        spec = part(definition, "spec")
        for version in each(spec, "versions"):
            of_kind = {
                "kind": part(spec, "names")["kind"],
                "apiVersion": f"{spec['group']}/{version['name']}",
            }
            found[schema_name(of_kind)] = closed(part(version, "schema", "openAPIV3Schema"))
    return found


def closed(schema: KubeObject) -> KubeObject:
    """The schema, whose objects hold no more than they say, as the API server prunes it."""
    inner = {name: closed(cast("KubeObject", below)) for name, below in part(schema, "properties").items()}
    own = {**schema, **({"properties": inner, "additionalProperties": False} if inner else {})}
    if isinstance(schema.get("items"), dict):
        own["items"] = closed(part(schema, "items"))
    if inner.get("metadata") == {"type": "object"}:
        own["properties"] = inner | {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
    return own


def _schema_names(manifests: Path) -> Iterator[str]:
    for file in manifests.glob("*.yaml"):
        for item in cast("Iterator[KubeObject]", yaml.safe_load_all(file.read_text())):
            yield schema_name(item)


def schema_name(item: KubeObject) -> str:
    """`deployment-apps-v1` for a Deployment of apps/v1, `service-v1` for a Service."""
    *group, version = str(item["apiVersion"]).split("/")
    return "-".join([str(item["kind"]), *(name.split(".")[0] for name in group), version]).lower()


def kube_score(manifests: Path) -> list[Finding]:
    """kube-score, stack by stack: it takes all that it is given for one cluster."""
    return [finding for file in sorted(manifests.glob("*.yaml")) for finding in _kube_score(file)]


def _kube_score(file: Path) -> Iterator[Finding]:
    said = _run("kube-score", "score", "--kubernetes-version", f"v{KUBERNETES[0]}", "-o", "json", str(file))
    for scored in cast("list[KubeObject]", json.loads(said)):
        kind, *_, namespace, name = str(scored["object_name"]).split("/")
        for check in each(scored, "checks"):
            rule = str(cast("KubeObject", check["check"])["id"])
            for comment in each(check, "comments") if check["grade"] != 10 and not check["skipped"] else ():
                message = ": ".join(filter(None, (str(comment["path"]), str(comment["summary"]))))
                yield Finding(
                    "kube-score", rule, file.stem, "/".join(filter(None, (kind, namespace, name))), message
                )


def _run(program: str, *arguments: str) -> str:
    """Standard output. These programs also exit with 1 when they have findings; then they print JSON."""
    done = subprocess.run((program, *arguments), capture_output=True, text=True, check=False, timeout=300)
    assert done.stdout.lstrip().startswith(("{", "[")), f"{program} failed: {done.stderr or done.stdout}"
    return done.stdout
