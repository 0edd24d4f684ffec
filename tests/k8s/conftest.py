"""Every way in which the manifests can be put together."""

import pytest

from tests.k8s import manifests
from tests.k8s.manifests import KUBECTL, RENDERED, Object

without_kubectl = pytest.mark.skipif(KUBECTL is None, reason="needs kubectl, to kustomize")
ALL = ["base as written", *(pytest.param(name, marks=without_kubectl) for name in RENDERED)]


@pytest.fixture(params=ALL)
def found(request: pytest.FixtureRequest) -> list[Object]:
    """The objects of one of them."""
    return manifests.objects(request.param)


@pytest.fixture
def way(request: pytest.FixtureRequest) -> str:
    """Its name."""
    return str(request.node.callspec.params["found"])
