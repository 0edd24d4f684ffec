"""What the programs are told, and whether it fits: with each other, and into the pod."""

from pathlib import Path

from db import settings
from tests.k8s.manifests import (
    Object,
    containers,
    environment,
    main_container,
    mebibytes,
    of_component,
    of_kind,
    ours,
    pod,
    without_files,
)

SECRETS = {"PRESSROOM_JWT_SECRET", "PRESSROOM_SERVICE_KEYS", "PRESSROOM_TOKEN"}
# What a worker takes besides its jobs and its scratch: itself, and artifacts on their way.
ITSELF_MIB = 256
ARTIFACTS_MIB_PER_SLOT = 128
FULL_MIB = 64  # a scratch folder with less is full, whoever filled it


def test_every_variable_is_a_setting(found):
    known = {name for name, _, _ in settings.documented()}

    for workload in ours(found):
        for container in containers(workload):
            told = {name.removesuffix("_FILE") for name in environment(found, container)}
            assert told <= known


def test_every_program_accepts_its_settings(found, tmp_path, way):
    """Loaded as the program loads them, with a secret in each file that they name."""
    for workload in ours(found):
        for container in containers(workload):
            told = settings.load(with_secrets(found, workload, container, tmp_path))

            assert told.database_url == "postgresql://db/pressroom"
            is_open = container["name"] == "server"
            assert told.host == ("0.0.0.0" if is_open and way != "development" else "127.0.0.1")
            assert told.is_local is (not is_open or way == "development")


def with_secrets(
    found: list[Object], workload: Object, container: Object, folder: Path
) -> dict[str, str]:
    """The environment, with files that exist here in the place of those that are mounted."""
    values = {"url": "postgresql://db/pressroom", "jwt-secret": "s" * 32, "service-keys": "k"}
    told = environment(found, container)
    for name, path in told.items():
        if name.endswith("_FILE"):
            key = mounted_key(workload, container, path)
            file = folder / key
            file.write_text(values[key])
            told[name] = str(file)

    return told


def mounted_key(workload: Object, container: Object, path: str) -> str:
    """The file's name within a secret that is mounted at its folder."""
    place = Path(path)
    mount = next(m for m in container["volumeMounts"] if m["mountPath"] == str(place.parent))
    volume = next(v for v in pod(workload)["volumes"] if v["name"] == mount["name"])
    files = [item["path"] for item in volume["secret"].get("items", [])]

    assert mount["readOnly"] is True
    assert volume["secret"]["defaultMode"] == 0o440  # with fsGroup, for nobody else
    assert place.name in (files or [place.name])
    return place.name


def test_only_the_server_is_given_the_keys_of_users(found):
    for workload in ours(found):
        for container in containers(workload):
            told = {name.removesuffix("_FILE") for name in environment(found, container)}
            mounted = {mount["mountPath"] for mount in container["volumeMounts"]}

            if container["name"] != "server":
                assert not told & SECRETS
                assert "/run/secrets/pressroom/auth" not in mounted


def test_secrets_are_named_and_not_written_down(found, way):
    made = of_kind(found, "Secret")
    environments = [
        line
        for workload in ours(found)
        for container in containers(workload)
        for line in container.get("env", [])
    ]

    assert bool(made) == (way == "development")
    assert all(line["name"].endswith("_FILE") for line in environments)


def test_the_memory_of_a_worker_adds_up(found):
    worker = of_component(found, "worker")
    container = main_container(worker)
    told = settings.load(without_files(environment(found, container)))
    scratch = next(v for v in pod(worker)["volumes"] if v["name"] == "scratch")["emptyDir"]
    mount = next(m for m in container["volumeMounts"] if m["name"] == "scratch")
    job, disk = told.job_memory_bytes // settings.MIB, told.job_disk_bytes // settings.MIB
    slots, scratch_mib = told.worker_concurrency, mebibytes(scratch["sizeLimit"])

    limit = mebibytes(container["resources"]["limits"]["memory"])
    most = slots * (job + ARTIFACTS_MIB_PER_SLOT) + scratch_mib + ITSELF_MIB
    assert scratch["medium"] == "Memory"
    assert mount["mountPath"] == str(told.data_dir)
    assert slots * disk + FULL_MIB < scratch_mib
    assert most < limit


def test_slots_are_counted_and_not_guessed_from_the_node(found):
    container = main_container(of_component(found, "worker"))
    told = environment(found, container)

    assert int(told["PRESSROOM_WORKER_CONCURRENCY"]) < float(
        container["resources"]["limits"]["cpu"]
    )


def test_the_sandbox_is_mandatory_but_under_gvisor(found, way):
    told = environment(found, main_container(of_component(found, "worker")))

    assert ("PRESSROOM_ALLOW_UNSANDBOXED" in told) == ("gvisor" in way)
