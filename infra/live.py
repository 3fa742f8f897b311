"""Objects as a cluster has them."""

import json
from typing import cast

from kubernetes import client
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from infra import target
from stack.drift import Find
from stack.kube import KubeObject
from stack.schema import SettingsError


def finder(context: str) -> Find:
    """Looks at the cluster of a context. It raises SettingsError while the cluster does not answer."""
    api = target.client_of(context)

    def find(path: str) -> KubeObject | None:
        try:
            return get(api, path)
        except ApiException as error:
            if error.status == 403:  # not ours to look at
                return None
            raise SettingsError([target.unusable(api, context, error)]) from error
        except HTTPError as error:
            raise SettingsError([target.unusable(api, context, error)]) from error

    return find


def get(api: client.ApiClient, path: str) -> KubeObject | None:
    """One object or list; None where there is no such thing."""
    request = api.param_serialize("GET", path, auth_settings=["BearerToken"])
    response = api.call_api(*request, _request_timeout=(target.SECONDS, target.SECONDS))
    body = response.read()
    if response.status == 404:
        return None
    if response.status != 200:
        raise ApiException(status=response.status, reason=response.reason)
    return cast("KubeObject", json.loads(body))
