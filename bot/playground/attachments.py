"""Files as messages show them, and which of them may stand together in an album."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.playground.rules.refusal import Refusal, bad_request, refused_here

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.playground.state import StoredFile

KINDS: Final = ("photo", "video", "animation", "document", "audio", "voice")
FIELDS: Final = frozenset(KINDS) | {"has_media_spoiler"}
"""What of a message is its file."""

COVERABLE: Final = frozenset({"photo", "video", "animation"})
"""What can be blurred until it is tapped."""

ALBUM_LIMIT: Final = 10
_ALONE: Final = frozenset({"animation", "voice", "sticker"})
_AMONG_THEMSELVES: Final = ("document", "audio")
_TYPES: Final = {"voice": "VoiceNote"}


def file_fields(stored: StoredFile) -> dict[str, Any]:
    """What every kind of file has."""
    return {
        "file_id": stored.id,
        "file_unique_id": f"unique-{stored.id}",
        "file_size": len(stored.data),
    }


def attached(kind: str, stored: StoredFile) -> dict[str, Any]:
    """The fields of a message that shows a file; a photo has always one size here."""
    file = {**file_fields(stored), **stored.details}
    if kind == "photo":
        return {"photo": [file]}
    if kind != "voice":
        file["file_name"] = stored.name
    file["mime_type"] = stored.content_type
    if kind != "animation":
        return {kind: file}
    # An animation also says that it is a document (SPEC Message).
    document = {name: value for name, value in file.items() if name not in stored.details}
    return {"animation": file, "document": document}


def check_kind(stored: StoredFile, kind: str) -> None:
    """Refuse to show a file as what it is not.

    Raises:
        Refusal: a photo as something else or the other way round, in Telegram's words; in ours what it lets pass
            (TD `FileManager::check_input_file_id`).
    """
    if stored.kind == kind:
        return
    if "photo" in {stored.kind, kind}:
        raise bad_request(f"can't use file of type {_type(stored.kind)} as {_type(kind)}")
    raise refused_here(f"the {stored.kind} {stored.id} as {kind}", "show it as what it is")


def _type(kind: str) -> str:
    return _TYPES.get(kind, kind.capitalize())


def check_album(kinds: Sequence[str]) -> None:
    """Refuse what is no album (TD `MessagesManager::send_message_group`, SPEC sendMediaGroup).

    Raises:
        Refusal: too few or too many, or kinds that do not stand together.
    """
    if not kinds:
        raise bad_request("there are no messages to send")
    if len(kinds) > ALBUM_LIMIT:
        raise bad_request("too many messages to send as an album")
    if alone := next((kind for kind in kinds if kind in _ALONE), None):
        raise _not_in_an_album(alone)
    if len(kinds) == 1:
        raise refused_here("an album of one", "send it as a message of its own")
    for kind in _AMONG_THEMSELVES:
        if kind in kinds and set(kinds) != {kind}:
            raise bad_request(f"{kind} can't be mixed with other media types")


def _not_in_an_album(kind: str) -> Refusal:
    return bad_request(f"can't parse InputMedia: type \"{kind}\" can't be used in sendMediaGroup")
