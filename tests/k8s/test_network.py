"""Who may speak to whom, as the policies add up for a pod."""

import pytest

from tests.k8s.manifests import Object, component, labels, of_kind, workloads

DNS, POSTGRES = 53, 5432


def rules(found: list[Object], name: str, direction: str) -> list[Object]:
    """The rules of every policy that selects the pods of a component."""
    pods = next(labels(one) for one in workloads(found) if component(one) == name)
    return [
        rule
        for policy in of_kind(found, "NetworkPolicy")
        if policy["spec"]["podSelector"]["matchLabels"].items() <= pods.items()
        for rule in policy["spec"].get(direction, [])
    ]


def ports(found: list[Object], name: str, direction: str) -> set[int | str]:
    return {port["port"] for rule in rules(found, name, direction) for port in rule["ports"]}


@pytest.mark.parametrize("name", ["server", "worker", "migrate"])
def test_every_pod_is_closed_in_both_directions(found, name):
    pods = next(labels(one) for one in workloads(found) if component(one) == name)
    closed = {
        kind
        for policy in of_kind(found, "NetworkPolicy")
        if policy["spec"]["podSelector"]["matchLabels"].items() <= pods.items()
        for kind in policy["spec"]["policyTypes"]
    }

    assert closed == {"Ingress", "Egress"}


@pytest.mark.parametrize("name", ["server", "worker", "migrate"])
def test_out_goes_what_asks_postgres_and_dns(found, way, name):
    somewhere = set() if way == "base as written" else {POSTGRES}

    assert ports(found, name, "egress") == {DNS} | somewhere
    assert all(rule["to"] and rule["ports"] for rule in rules(found, name, "egress"))


def test_prometheus_alone_comes_in_to_a_worker(found):
    assert ports(found, "worker", "ingress") == {"metrics"}
    assert ports(found, "server", "ingress") == {"metrics", "http"}


def test_nobody_comes_in_from_everywhere(found):
    for name in ("server", "worker"):
        for rule in rules(found, name, "ingress"):
            assert rule["from"]
            assert all(peer.get("namespaceSelector") != {} for peer in rule["from"])
