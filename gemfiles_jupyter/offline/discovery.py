"""The discovery document: what older Google clients read to learn how to call the Files API."""

from __future__ import annotations

from typing import Any

from .handler import Handler
from .problems import JsonObject

_STRING: JsonObject = {"type": "string"}


class DiscoveryHandler(Handler):
    """``GET /$discovery/rest?version=v1beta``."""

    needs_key = False

    async def on_get(self) -> None:
        """Answer with the document of the asked version."""
        version = self.argument("version", "v1beta")
        if version not in ("v1", "v1beta", "v1alpha"):
            version = "v1beta"
        self.answer_json(document(self.backend.address, version))


def document(address: str, version: str) -> JsonObject:
    """Return the Files part of the service's discovery document, with this server's address."""
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"generativelanguage:{version}",
        "name": "generativelanguage",
        "version": version,
        "title": "Generative Language API (offline server)",
        "protocol": "rest",
        "rootUrl": f"{address}/",
        "servicePath": "",
        "baseUrl": f"{address}/",
        "batchPath": "batch",
        "parameters": {
            "key": {"type": "string", "location": "query"},
            "alt": {"type": "string", "location": "query", "default": "json"},
            "$alt": {"type": "string", "location": "query"},
        },
        "schemas": {
            "File": {"id": "File", "type": "object", "properties": _file_properties()},
            "CreateFileRequest": _message("CreateFileRequest", file={"$ref": "File"}),
            "CreateFileResponse": _message("CreateFileResponse", file={"$ref": "File"}),
            "ListFilesResponse": _message(
                "ListFilesResponse", files={"type": "array", "items": {"$ref": "File"}}, nextPageToken=_STRING
            ),
            "Empty": _message("Empty"),
        },
        "resources": {
            "media": {"methods": {"upload": _upload(version)}},
            "files": {"methods": _methods(version)},
        },
    }


def _message(name: str, **properties: JsonObject) -> JsonObject:
    return {"id": name, "type": "object", "properties": properties}


def _file_properties() -> JsonObject:
    names = ("name", "displayName", "mimeType", "sizeBytes", "createTime", "updateTime", "expirationTime")
    properties: JsonObject = dict.fromkeys((*names, "sha256Hash", "uri", "state", "source"), _STRING)
    properties["error"] = {"type": "object"}
    properties["videoMetadata"] = {"type": "object"}
    return properties


def _upload(version: str) -> JsonObject:
    return {
        "id": "generativelanguage.media.upload",
        "path": f"{version}/files",
        "flatPath": f"{version}/files",
        "httpMethod": "POST",
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": "CreateFileRequest"},
        "response": {"$ref": "CreateFileResponse"},
        "supportsMediaUpload": True,
        "mediaUpload": {
            "accept": ["*/*"],
            "maxSize": "2147483648",
            "protocols": {
                "simple": {"multipart": True, "path": f"/upload/{version}/files"},
                "resumable": {"multipart": True, "path": f"/resumable/upload/{version}/files"},
            },
        },
    }


def _methods(version: str) -> JsonObject:
    by_name: dict[str, Any] = {
        "name": {"type": "string", "location": "path", "required": True, "pattern": "^files/[^/]+$"}
    }
    paging: dict[str, Any] = {
        "pageSize": {"type": "integer", "format": "int32", "location": "query"},
        "pageToken": {"type": "string", "location": "query"},
    }

    def method(name: str, verb: str, path: str, parameters: dict[str, Any], response: str) -> JsonObject:
        return {
            "id": f"generativelanguage.files.{name}",
            "path": f"{version}/{path}",
            "flatPath": f"{version}/{path}",
            "httpMethod": verb,
            "parameters": parameters,
            "parameterOrder": [key for key, value in parameters.items() if value.get("required")],
            "response": {"$ref": response},
        }

    return {
        "get": method("get", "GET", "{+name}", by_name, "File"),
        "delete": method("delete", "DELETE", "{+name}", by_name, "Empty"),
        "list": method("list", "GET", "files", paging, "ListFilesResponse"),
    }
