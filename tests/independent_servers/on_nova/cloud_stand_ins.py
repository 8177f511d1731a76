"""What Nova asks of the services around it, answered as an empty cloud with one image would: Glance and Neutron.

Glance's stand-in also takes the images that Nova makes of VMs: their names and states, and none of their data.

`KeystoneStandIn` is a filter in Nova's pipeline: any token is taken for an administrator's, none is a 401 that says
where Keystone would be, as Keystone's own filter does.
"""

from __future__ import annotations

import json
import uuid

from nova import context

PROJECT_ID = "64656d6f64656d6f64656d6f64656d6f"  # hexadecimal, as Keystone's are and Nova's paths demand
IMAGE_ID = "155d900f-4e14-4e4c-a73d-069cbf4541e6"
_IMAGE = {
    "id": IMAGE_ID,
    "name": "tiny",
    "status": "active",
    "visibility": "public",
    "container_format": "bare",
    "disk_format": "raw",
    "min_disk": 0,
    "min_ram": 0,
    "size": 1024,
    "virtual_size": None,
    "checksum": None,
    "owner": PROJECT_ID,
    "protected": False,
    "tags": [],
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z",
    "file": f"/v2/images/{IMAGE_ID}/file",
    "schema": "/v2/schemas/image",
}
_SCHEMA = {
    "name": "image",
    "properties": {name: {} for name in _IMAGE},
    "additionalProperties": {"type": "string"},
}


_images = {IMAGE_ID: _IMAGE}


def application(environ, start_response):
    """Answers as Glance below /v2/ and as Neutron below /v2.0/."""
    status, path, method = "200 OK", environ["PATH_INFO"].rstrip("/"), environ["REQUEST_METHOD"]
    if path.startswith("/v2/images") and method in ("POST", "PUT", "PATCH"):
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        answer = _changed_image(method, path, content)
    else:
        answer = _answer(path)
    if answer is None:
        status, answer = "404 Not Found", {"message": "there is no such thing here"}
    body = json.dumps(answer).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _changed_image(method: str, path: str, content: bytes) -> dict[str, object]:
    """Makes an image (POST), or has one be ready, whatever is stored in it or said of it (PUT, PATCH)."""
    if method == "POST":
        image_id = str(uuid.uuid4())
        told = json.loads(content or b"{}")
        _images[image_id] = {
            **_IMAGE,
            **told,
            "id": image_id,
            "status": "queued",
            "file": f"/v2/images/{image_id}/file",
        }
        return _images[image_id]
    image = _images[path.split("/")[3]]
    image["status"] = "active"
    return image


def _answer(path: str) -> dict[str, object] | None:
    if path.startswith("/v2/images/") and path.count("/") == 3:
        return _images.get(path.rsplit("/", 1)[1])
    if path == "/v2/images":
        return {"images": list(_images.values()), "schema": "/v2/schemas/images", "first": "/v2/images"}
    if path.startswith("/v2/schemas/"):
        return _SCHEMA
    if path.startswith("/v2.0/quotas/"):
        return {"quota": {"port": -1}}
    if path.startswith("/v2.0/") and path.count("/") == 2:
        name = path.rsplit("/", 1)[1].removesuffix(".json").replace("-", "_")
        return {name: []}
    return None


class KeystoneStandIn:
    """Lets requests with any token through as an administrator of one project."""

    def __init__(self, inner):
        self._inner = inner

    @classmethod
    def factory(cls, _global_conf, **_local_conf):
        """Is what the pipeline's configuration names."""
        return cls

    def __call__(self, environ, start_response):
        """Answers one request."""
        if not environ.get("HTTP_X_AUTH_TOKEN"):
            challenge = ("WWW-Authenticate", 'Keystone uri="http://127.0.0.1:5000"')
            start_response("401 Unauthorized", [("Content-Type", "text/plain"), challenge])
            return [b"Authentication required"]
        roles = ["admin", "member", "reader"]
        environ["HTTP_X_PROJECT_ID"] = PROJECT_ID
        token = environ["HTTP_X_AUTH_TOKEN"]
        environ["nova.context"] = context.RequestContext(
            "tester", PROJECT_ID, roles=roles, is_admin=True, auth_token=token
        )
        return self._inner(environ, start_response)
