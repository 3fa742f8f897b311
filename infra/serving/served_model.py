"""One deployed model server: its image and the objects that run it."""

from dataclasses import dataclass

import pulumi
import pulumi_docker as docker
import pulumi_kubernetes as k8s

from infra import images
from infra.declare import Declared, Scope, declare
from infra.serving import address, scalers, workload
from infra.target import Delivery
from stack.kube import KubeObject
from stack.namespaces import Placement
from stack.outputs import Door, Endpoint
from stack.servers.server import ModelServer
from stack.settings import Settings


@dataclass(frozen=True)
class Plan:
    """What decides one deployed model server."""

    server: ModelServer
    image: images.ImagePlan
    settings: Settings
    placement: Placement

    def objects(self, image: object) -> tuple[KubeObject, ...]:
        """All that runs it. `image`: a reference or its promise."""
        return workload.objects(self.server, self.settings, self.placement, image)


class ServedModel(Declared):
    """Builds the image and declares the objects, which wait for it."""

    def __init__(self, plan: Plan, delivery: Delivery, builder: docker.Provider, scope: Scope) -> None:
        component = plan.server.component
        super().__init__("emotion-serving:serving:ServedModel", component)
        options = pulumi.ResourceOptions(parent=self, provider=builder)
        image = images.declare(plan.server.image.name, plan.image, delivery, options)
        reference = images.reference(image, plan.image, delivery)
        self.declared = declare(plan.objects(reference), scope.below(self).following(image))
        service = self.declared[f"Service/{component}"]
        assert isinstance(service, k8s.core.v1.Service)
        self.plan, self.service = plan, service
        self.register_outputs({})

    def url(self, host: str) -> pulumi.Output[str | None]:
        """Where predictions are asked, once the Service has an address of its own."""
        server = self.plan.server
        base = address.base_url(self.service, server.inference.number, host)
        return base.apply(lambda found: f"{found}{server.predict_path}" if found else None)

    def endpoint(self, url: str | None, door: Door) -> Endpoint:
        """What the stack tells of this server."""
        server, settings = self.plan.server, self.plan.settings
        return Endpoint(
            server=server.name,
            deployment=server.component,
            image=self.plan.image.name,
            url=url,
            replicas=workload.replicas(settings),
            autoscaler=scalers.autoscaler(server.component, settings),
            model=server.model,
            door=door,
        )
