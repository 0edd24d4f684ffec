"""Every object against the schemas of Kubernetes, where the extra `infra` is installed."""

import pytest

from tests.k8s.manifests import Object

validate = pytest.importorskip(
    "kubernetes_validate", reason="needs the extra `infra`: 108 MB of schemas"
)
# The newest, and two that clusters still run.
VERSIONS = ("1.37", "1.35", "1.33")
OF_OPERATORS = ("keda.sh/", "monitoring.coreos.com/", "postgresql.cnpg.io/", "barmancloud.cnpg.io/")


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_knows_every_field(found: list[Object], version: str):
    for one in found:
        if not one["apiVersion"].startswith(OF_OPERATORS):
            validate.validate(one, version, strict=True)
