import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.standins.loadbalancer.addresses import (
    Assignment,
    PoolExhaustedError,
    Service,
    assignments,
    choose,
    pool,
)

NAMES = st.sampled_from(["tensorflow", "torchserve", "grafana", "a", "b"])
ADDRESSES = st.lists(st.sampled_from([*pool()[:6], "10.0.0.1"]), max_size=2).map(tuple)
SERVICES = st.builds(Service, NAMES, NAMES, st.booleans(), ADDRESSES, st.sampled_from(["", *pool()[:3]]))


def applied(services: list[Service], changes: tuple[Assignment, ...]) -> list[Service]:
    new = {(change.service.namespace, change.service.name): change.address for change in changes}
    after = []
    for service in services:
        key = (service.namespace, service.name)
        addresses = service.addresses
        if key in new:
            address = new[key]
            addresses = () if address is None else (address,)
        after.append(
            Service(service.namespace, service.name, service.wants_address, addresses, service.requested)
        )
    return after


@given(st.lists(SERVICES, max_size=8, unique_by=lambda service: (service.namespace, service.name)))
def test_every_service_that_wants_an_address_has_one_of_its_own(services: list[Service]) -> None:
    after = applied(services, assignments(services))
    held = [address for service in after for address in service.addresses]
    assert len(held) == len(set(held)), "two Services share an address"
    assert all(len(service.addresses) == service.wants_address for service in after)
    assert all(address in pool() for address in held)


def test_a_service_that_is_settled_is_left_alone() -> None:
    assert assignments([Service("n", "a", True, ("127.0.10.7",))]) == ()


def test_a_service_made_anew_has_its_former_address() -> None:
    first = choose(Service("emotion-minikube", "tensorflow-serving", True), ())
    assert first == choose(Service("emotion-minikube", "tensorflow-serving", True), ())
    assert first.startswith("127.0.10.")


def test_a_taken_address_is_passed_over() -> None:
    service = Service("n", "a", True)
    first = choose(service, ())
    assert choose(service, {first}) != first


def test_a_requested_address_is_given_if_it_is_free() -> None:
    wish = Service("n", "a", True, requested="127.0.10.9")
    assert choose(wish, ()) == "127.0.10.9"
    assert choose(wish, {"127.0.10.9"}) != "127.0.10.9"


def test_a_service_that_is_no_load_balancer_any_more_gives_its_address_back() -> None:
    former = Service("n", "a", False, ("127.0.10.7",))
    assert assignments([former]) == (Assignment(former, None),)


def test_an_exhausted_pool_says_so() -> None:
    with pytest.raises(PoolExhaustedError, match=r"254 addresses of 127\.0\.10\.0/24"):
        choose(Service("n", "a", True), set(pool()))
