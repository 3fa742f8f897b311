"""Pulumi's engine as a recorder: a program is run against it without deploying anything."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pulumi
from pulumi.runtime import mocks


@dataclass
class Engine(mocks.Mocks):
    """Records what the program registers, and answers as a cluster would."""

    registered: dict[str, dict[str, object]] = field(default_factory=dict)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, object]]:
        self.registered[f"{args.typ}::{args.name}"] = args.inputs
        state = dict(args.inputs)
        if args.typ == "kubernetes:core/v1:Service":
            ports = [{**port, "nodePort": 30080} for port in state["spec"]["ports"]]
            state["spec"] = {**state["spec"], "ports": ports}
        if args.typ == "docker:index/image:Image":
            state["repoDigest"] = f"{args.inputs['imageName'].split(':')[0]}@sha256:0"
        return args.name, state

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, object], list[tuple[str, str]] | None]:
        raise AssertionError(f"the program calls {args.token}")


def run(program: Callable[[], pulumi.Output[None]], project: str = "project", stack: str = "stack") -> Engine:
    """What the program registered; the Output that it returns is waited for."""
    engine = Engine()
    asyncio.set_event_loop(
        asyncio.new_event_loop()
    )  # Pulumi's test runner needs one, and others close theirs
    mocks.set_mocks(engine, preview=False, project=project, stack=stack)
    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    return engine
