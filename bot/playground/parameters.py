"""The parameters of a Bot API call: from the query string, a form, a multipart form or a JSON body, and typed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from bot.playground.rules.refusal import Refusal, bad_request, refused_here, unknown_here

if TYPE_CHECKING:
    from collections.abc import Callable

UPLOAD_LIMIT: Final = 50 * 1024 * 1024
"""Bytes of one upload (SPEC "Sending files")."""

_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_TOO_LARGE: Final = "Request Entity Too Large"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    content_type: str
    data: bytes


Raw: TypeAlias = dict[str, Any]
"""Parameters as they came: strings, uploads, and from a JSON body any JSON."""

Reader: TypeAlias = "Callable[[str, Any], Any]"
"""Makes a typed value of a parameter's name and raw value, or raises Refusal."""

Signature: TypeAlias = "dict[str, Reader]"


async def read_parameters(request: web.Request) -> Raw:
    """All parameters of a call; those of the body overrule those of the query string.

    Raises:
        Refusal: the body is too large or cannot be read.
    """
    raw: Raw = dict(request.query)
    if not request.can_read_body:
        return raw
    if request.content_type.startswith("multipart/"):
        return raw | await _multipart(request)
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Refusal(413, _TOO_LARGE) from None
    if request.content_type == "application/json":
        return raw | _json_object(body)
    return raw | _form(body)


def _json_object(body: bytes) -> Raw:
    try:
        value = _loads(body.decode())
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(value, dict):
        raise bad_request("the body must be a JSON object")
    return value


def _loads(written: str) -> Any:  # noqa: ANN401 - any JSON
    """JSON without halves of surrogate pairs, which no text may hold.

    Raises:
        ValueError: it is no JSON, or holds one.
    """
    try:
        value = json.loads(written)
    except RecursionError:
        raise ValueError("too deep") from None
    if _SURROGATE.search(written):
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _form(body: bytes) -> Raw:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
    except ValueError:
        raise bad_request("strings must be encoded in UTF-8") from None


async def _multipart(request: web.Request) -> Raw:
    raw: Raw = {}
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or not part.name:
                raise bad_request("a part of the form has no name")
            raw[part.name] = await _part(part)
    except ValueError:
        raise bad_request("can't parse the multipart form") from None
    return raw


async def _part(part: BodyPartReader) -> str | Upload:
    data = bytearray()
    while chunk := await part.read_chunk():
        data += chunk
        if len(data) > UPLOAD_LIMIT:
            raise Refusal(413, _TOO_LARGE)
    if part.filename is None:
        return data.decode()
    return Upload(part.filename, part.headers.get("Content-Type", "application/octet-stream"), bytes(data))


def typed(method: str, signature: Signature, raw: Raw) -> dict[str, Any]:
    """The parameters that are given, each by its own reader; empty strings and nulls count as not given.

    Raises:
        Refusal: a parameter is not in the signature, or its value is wrong.
    """
    attached = {name for value in raw.values() if (name := _attachment(value))}
    params: dict[str, Any] = {}
    for name, value in raw.items():
        if name in attached or value is None or value == "":
            continue
        reader = signature.get(name)
        if reader is None:
            raise unknown_here(f"parameter {name} of {method}")
        params[name] = reader(name, raw.get(_attachment(value), value))
    return params


def _attachment(value: Any) -> str:  # noqa: ANN401 - any raw value
    """The name of the form field that holds the file meant by `attach://name`; empty for none."""
    prefix = "attach://"
    return value.removeprefix(prefix) if isinstance(value, str) and value.startswith(prefix) else ""


def text(name: str, value: Any) -> str:  # noqa: ANN401 - any raw value
    """A string; numbers and booleans of a JSON body as they are written there."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return json.dumps(value)
    raise bad_request(f'parameter "{name}" must be a String')


def number(name: str, value: Any) -> int:  # noqa: ANN401 - as above
    """A whole number."""
    written = text(name, value)
    if not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", written, re.ASCII):
        raise refused_here(f'"{written[:50]}" as {name}', "read some other number")
    return int(written)


def chat(name: str, value: Any) -> int | str:  # noqa: ANN401 - as above
    """A chat by its number, which may stand in a string; anything else stays a string."""
    written = text(name, value).strip()
    return int(written) if re.fullmatch(r"[+-]?\d{1,18}", written, re.ASCII) else written


def flag(name: str, value: Any) -> bool:  # noqa: ANN401 - as above
    """A boolean (TBA `to_bool`)."""
    written = text(name, value).strip().lower()
    if written not in {"true", "yes", "1", "false", "no", "0"}:
        raise refused_here(f'"{written[:50]}" as {name}', "read it as false")
    return written in {"true", "yes", "1"}


def structure(label: str) -> Reader:
    """A reader of JSON, which may stand in a string; `label` is Telegram's word for it in a refusal."""

    def read(_name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
        if not isinstance(value, str):
            return value
        try:
            return _loads(value)
        except ValueError:
            raise bad_request(f"can't parse {label} JSON object") from None

    return read


def entities(name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Entities; what is no JSON is refused here and silently ignored by Telegram (TBA `get_input_entities`)."""
    try:
        return _loads(value) if isinstance(value, str) else value
    except ValueError:
        raise refused_here(f"{name} that are no JSON", "ignore them") from None


def upload(name: str, value: Any) -> Upload | str:  # noqa: ANN401 - as above
    """A file that came with the call, or the id of one that is known."""
    if isinstance(value, Upload):
        return value
    written = text(name, value)
    if written.startswith(("http://", "https://")):
        raise unknown_here("files by address")
    if written.startswith(("attach://", "file:")):
        raise bad_request(f"there is no {name} in the request")
    return written
