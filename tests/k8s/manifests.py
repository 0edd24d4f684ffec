"""The manifests as a cluster would get them, and the words to ask about them."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
K8S = ROOT / "k8s"
KUBECTL = shutil.which("kubectl")

Object = dict[str, Any]

COMPONENTS = {
    f"production with {names}": names.split(" and ")
    for names in ("keda", "kata", "gvisor", "monitoring", "cloudnative-pg")
} | {"production with keda and cloudnative-pg": ["keda", "cloudnative-pg"]}
OURS = ("server", "worker", "migrate")
RENDERED = ("production", "development", *COMPONENTS)


@cache
def objects(name: str) -> list[Object]:
    """All objects of `base as written`, of an overlay, or of production with components."""
    if name == "base as written":
        return list(_as_written())
    if name in COMPONENTS:
        return _with_components(COMPONENTS[name])

    return _kustomize(K8S / "overlays" / name)


def of_kind(found: list[Object], *kinds: str) -> list[Object]:
    return [one for one in found if one["kind"] in kinds]


def workloads(found: list[Object]) -> list[Object]:
    return of_kind(found, "Deployment", "StatefulSet", "Job")


def named(found: list[Object], kind: str, name: str) -> Object:
    return next(o for o in of_kind(found, kind) if o["metadata"]["name"].startswith(name))


def pod(workload: Object) -> Object:
    return dict(workload["spec"]["template"]["spec"])


def labels(workload: Object) -> dict[str, str]:
    return dict(workload["spec"]["template"]["metadata"]["labels"])


def component(workload: Object) -> str:
    return labels(workload).get("app.kubernetes.io/component", "")


def containers(workload: Object) -> list[Object]:
    return [*pod(workload).get("initContainers", []), *pod(workload)["containers"]]


def environment(found: list[Object], container: Object) -> dict[str, str]:
    """What a container is told: by its image, then by its config maps, then by its own lines."""
    told = _of_image(container["image"])
    for source in container.get("envFrom", []):
        told |= named(found, "ConfigMap", source["configMapRef"]["name"])["data"]

    return told | {line["name"]: line["value"] for line in container.get("env", [])}


def ours(found: list[Object]) -> list[Object]:
    return [one for one in workloads(found) if component(one) in OURS]


def of_component(found: list[Object], name: str) -> Object:
    return next(one for one in workloads(found) if component(one) == name)


def without_files(told: dict[str, str]) -> dict[str, str]:
    """What needs no secret to be read."""
    return {k: v for k, v in told.items() if not k.endswith("_FILE")} | {"PRESSROOM_AUTH": "local"}


def main_container(workload: Object) -> Object:
    return dict(pod(workload)["containers"][0])


def mebibytes(quantity: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(Mi|Gi)", quantity).groups()  # type: ignore[union-attr]
    return int(number) * {"Mi": 1, "Gi": 1024}[unit]


def _of_image(image: str) -> dict[str, str]:
    name = image.rpartition("/")[2].partition(":")[0]
    dockerfile = {"pressroom-server": "Dockerfile", "pressroom-worker": "Dockerfile.worker"}[name]
    lines = (ROOT / dockerfile).read_text().replace("\\\n", " ").splitlines()
    words = " ".join(line for line in lines if line.startswith("ENV ")).split()

    return dict(word.split("=", 1) for word in words if word.startswith("PRESSROOM_"))


def _as_written() -> Iterator[Object]:
    kustomization = yaml.safe_load((K8S / "base" / "kustomization.yaml").read_text())
    tags = {image["name"]: image["newTag"] for image in kustomization["images"]}
    for file in kustomization["resources"]:
        for one in yaml.safe_load_all((K8S / "base" / file).read_text()):
            for container in containers(one) if workloads([one]) else ():
                container["image"] += ":" + tags[container["image"]]
            yield one

    for generated in kustomization["configMapGenerator"]:
        data = dict(literal.split("=", 1) for literal in generated["literals"])
        metadata = {"name": generated["name"]}
        yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def _with_components(components: list[str]) -> list[Object]:
    text = (K8S / "overlays" / "production" / "kustomization.yaml").read_text()
    kustomization = yaml.safe_load(text)
    # One autoscaler at a time, as a person would choose.
    chosen = components if "keda" in components else ["../../components/hpa", *components]
    kustomization["components"] = [f"../../components/{Path(name).name}" for name in chosen]

    if "cloudnative-pg" in components:
        kustomization["resources"].remove("postgres.yaml")

    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(K8S, Path(copy) / "k8s")
        overlay = Path(copy) / "k8s" / "overlays" / "production"
        (overlay / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        return _kustomize(overlay)


def _kustomize(directory: Path) -> list[Object]:
    assert KUBECTL is not None
    done = subprocess.run(
        [KUBECTL, "kustomize", directory], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

    return list(yaml.safe_load_all(done.stdout))
