"""What holds of every pod, however the manifests are put together."""

import re
import tomllib
from typing import Any

import pytest

from db import settings
from server.__main__ import MISCONFIGURED
from tests.k8s.manifests import (
    OURS,
    ROOT,
    component,
    containers,
    environment,
    labels,
    main_container,
    named,
    of_component,
    of_kind,
    ours,
    pod,
    without_files,
    workloads,
)


def test_all_three_programs_are_there(found):
    assert {component(one) for one in ours(found)} == set(OURS)


def test_every_selector_finds_pods(found):
    pods = [labels(one) for one in workloads(found)]
    selectors = [
        one["spec"]["selector"].get("matchLabels", one["spec"]["selector"])
        for one in of_kind(found, "Service", "Deployment", "StatefulSet", "PodDisruptionBudget")
    ]
    selectors += [
        one["spec"]["podSelector"]["matchLabels"]
        for one in of_kind(found, "NetworkPolicy")
        if "cnpg.io/cluster" not in one["spec"]["podSelector"]["matchLabels"]
    ]

    unmet = [one for one in selectors if not any(one.items() <= has.items() for has in pods)]
    assert len(selectors) >= 7
    assert unmet == []


def test_pods_are_spread_by_their_own_labels(found):
    for workload in of_kind(found, "Deployment"):
        spread = pod(workload)["topologySpreadConstraints"]

        assert {one["topologyKey"] for one in spread} == {
            "kubernetes.io/hostname",
            "topology.kubernetes.io/zone",
        }
        for one in spread:
            assert one["labelSelector"]["matchLabels"].items() <= labels(workload).items()


def test_no_pod_has_a_privilege_or_a_token(found):
    for workload in workloads(found):
        spec = pod(workload)
        identity = spec["securityContext"]

        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        assert not any("hostPath" in volume for volume in spec["volumes"])
        assert identity["runAsNonRoot"] is True
        assert identity["runAsUser"] == identity["runAsGroup"] == identity["fsGroup"] > 0
        assert identity["seccompProfile"] == {"type": "RuntimeDefault"}

    for account in of_kind(found, "ServiceAccount"):
        assert account["automountServiceAccountToken"] is False


def test_no_container_can_gain_any(found):
    for workload in workloads(found):
        for container in containers(workload):
            held = container["securityContext"]

            assert held["allowPrivilegeEscalation"] is False
            assert held["readOnlyRootFilesystem"] is True
            assert held["capabilities"] == {"drop": ["ALL"]}
            assert held.get("privileged", False) is False
            assert "add" not in held["capabilities"]


def test_the_user_is_that_of_the_images(found):
    dockerfiles = [(ROOT / name).read_text() for name in ("Dockerfile", "Dockerfile.worker")]
    users = {re.search(r"^USER (\d+):(\d+)$", text, re.M).groups() for text in dockerfiles}

    for workload in ours(found):
        identity = pod(workload)["securityContext"]
        assert users == {(str(identity["runAsUser"]), str(identity["runAsGroup"]))}


def test_each_program_has_a_service_account_of_its_own(found):
    accounts = [pod(one)["serviceAccountName"] for one in ours(found)]

    assert len(set(accounts)) == len(accounts)
    assert set(accounts) <= {one["metadata"]["name"] for one in of_kind(found, "ServiceAccount")}


def test_images_are_those_that_are_built_and_carry_one_version(found):
    built = set(re.findall(r"image: (pressroom-\w+):", (ROOT / "docker-compose.yml").read_text()))
    images = [container["image"] for one in ours(found) for container in containers(one)]
    names = {image.rpartition("/")[2].partition(":")[0] for image in images}
    tags = {image.rpartition(":")[2] for image in images}

    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert names == built
    assert tags == {version}


def test_no_image_is_the_latest(found):
    for workload in workloads(found):
        for container in containers(workload):
            assert re.search(r":\d[\w.-]*$", container["image"]), container["image"]


def test_every_container_has_requests_and_limits(found):
    for workload in ours(found):
        for container in containers(workload):
            for bound in ("requests", "limits"):
                quantities = container["resources"][bound]
                assert set(quantities) == {"cpu", "memory", "ephemeral-storage"}


@pytest.mark.parametrize("name", ["server", "worker"])
def test_probes_ask_the_port_that_answers_them(found, name):
    container = main_container(of_component(found, name))
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    asked = {
        probe: container[probe]["httpGet"]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }

    told = settings.load(without_files(environment(found, container)))
    assert ports["metrics"] == told.metrics_port
    assert {get["port"] for get in asked.values()} == {"metrics"}
    assert asked["readinessProbe"]["path"] == "/readyz"
    assert asked["livenessProbe"]["path"] == asked["startupProbe"]["path"] == "/healthz"


def test_ports_are_those_of_the_programs(found):
    server = main_container(of_component(found, "server"))
    http = next(port for port in server["ports"] if port["name"] == "http")
    service = next(o for o in of_kind(found, "Service") if o["metadata"]["name"] == "pressroom")
    exposed = re.search(r"^EXPOSE (.+)$", (ROOT / "Dockerfile").read_text(), re.M)[1].split()

    assert http["containerPort"] == settings.load({}).port
    assert [port["targetPort"] for port in service["spec"]["ports"]] == ["http"]
    assert {str(port["containerPort"]) for port in server["ports"]} == set(exposed)


@pytest.mark.parametrize("name", ["server", "worker"])
def test_the_grace_outlasts_the_drain(found, name):
    workload = of_component(found, name)
    container = main_container(workload)
    told = environment(found, container)
    pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)

    drain = float(told["PRESSROOM_SHUTDOWN_SECONDS"])
    assert pause + drain + 5 <= pod(workload)["terminationGracePeriodSeconds"]


def test_programs_wait_for_the_schema(found):
    for name in ("server", "worker"):
        spec = pod(of_component(found, name))

        assert [one["args"] for one in spec["initContainers"]] == [
            ["pressroom", "migrate", "--wait"]
        ]
        assert spec["initContainers"][0]["image"] == spec["containers"][0]["image"]


def test_the_entry_point_of_the_images_stays(found):
    """`command` would take away tini, which reaps and hears SIGTERM as process 1."""
    for workload in ours(found):
        for container in containers(workload):
            assert "command" not in container
            assert container["args"][0] == "pressroom"


def test_a_migration_can_be_applied_again(found, way):
    job = named(found, "Job", "pressroom-migrate-")
    container = main_container(job)
    tag = container["image"].rpartition(":")[2]
    rule = job["spec"]["podFailurePolicy"]["rules"][0]

    written = "VERSION" if way == "base as written" else tag
    assert job["metadata"]["name"] == f"pressroom-migrate-{written}"
    assert "envFrom" not in container  # a name that changes would change an immutable template
    assert job["spec"]["ttlSecondsAfterFinished"] > 0
    assert rule["onExitCodes"]["values"] == [MISCONFIGURED]
    assert rule["onExitCodes"]["containerName"] == container["name"]


def test_a_budget_lets_nodes_be_emptied_one_pod_at_a_time(found):
    budgets = of_kind(found, "PodDisruptionBudget")

    assert {one["metadata"]["name"] for one in budgets} == {"pressroom-server", "pressroom-worker"}
    assert all(one["spec"]["maxUnavailable"] == 1 for one in budgets)


def test_whoever_scales_the_workers_is_the_only_one(found, way):
    scalers: list[Any] = of_kind(found, "HorizontalPodAutoscaler", "ScaledObject")
    worker = of_component(found, "worker")

    assert len(scalers) == (0 if way in ("base as written", "development") else 1)
    assert ("replicas" in worker["spec"]) == (not scalers)
    assert all(one["spec"]["scaleTargetRef"]["name"] == "pressroom-worker" for one in scalers)
