"""All methods by name, each with the parameters that it takes here; any other parameter is refused aloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.playground.methods import chats, editing, profile, sending, webhook
from bot.playground.parameters import chat, entities, flag, number, structure, text, upload
from bot.playground.rules.refusal import Refusal, bad_request, unknown_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.playground.exchange import Exchange
    from bot.playground.methods.outcome import Done
    from bot.playground.parameters import Reader, Signature


@dataclass(frozen=True, slots=True)
class Method:
    """One method.

    Attributes:
        name: its proper name.
        signature: how each parameter is read.
        run: what it does; None for getUpdates, which waits and is done by the server.
    """

    name: str
    signature: Signature
    run: Callable[[Exchange, dict[str, Any]], Done] | None


def _strings(label: str) -> Reader:
    """A reader of a JSON list of strings."""

    def read(name: str, value: Any) -> list[str]:  # noqa: ANN401 - any raw value
        found = structure(label)(name, value)
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise bad_request(f"{name} must be a JSON array of strings")
        return found

    return read


_MARKUP: Final = structure("reply keyboard markup")
_ALLOWED: Final = _strings("allowed updates")
_WHERE: Final[Signature] = {"chat_id": chat}
_WHICH: Final[Signature] = {**_WHERE, "message_id": number}
_TEXT: Final[Signature] = {
    "text": text,
    "parse_mode": text,
    "entities": entities,
    "link_preview_options": structure("link preview options"),
    "reply_markup": _MARKUP,
}
_CAPTION: Final[Signature] = {
    "caption": text,
    "parse_mode": text,
    "caption_entities": entities,
    "show_caption_above_media": flag,
    "reply_markup": _MARKUP,
}
_SENT: Final[Signature] = {
    **_WHERE,
    "disable_notification": flag,
    "protect_content": flag,
    "reply_parameters": structure("reply parameters"),
    "reply_to_message_id": number,
    "allow_sending_without_reply": flag,
    "allow_paid_broadcast": flag,
}
_LANGUAGE: Final[Signature] = {"language_code": text}
_SCOPE: Final[Signature] = {**_LANGUAGE, "scope": structure("BotCommandScope")}
_DOCUMENT: Final[Signature] = {"document": upload, "disable_content_type_detection": flag}
_COVERED: Final[Signature] = {"has_spoiler": flag}
_ALBUM: Final[Signature] = {**_SENT, "media": structure("InputMedia")}
_ANSWER: Final[Signature] = {
    "callback_query_id": text,
    "text": text,
    "show_alert": flag,
    "url": text,
    "cache_time": number,
}
_WEBHOOK: Final[Signature] = {
    "url": text,
    "max_connections": number,
    "allowed_updates": _ALLOWED,
    "drop_pending_updates": flag,
    "secret_token": text,
}
_UPDATES: Final[Signature] = {
    "offset": number,
    "limit": number,
    "timeout": number,
    "allowed_updates": _ALLOWED,
}

_HERE: Final = (
    Method("getUpdates", _UPDATES, None),
    Method("getMe", {}, profile.get_me),
    Method("setWebhook", _WEBHOOK, webhook.set_webhook),
    Method("deleteWebhook", {"drop_pending_updates": flag}, webhook.delete_webhook),
    Method("getWebhookInfo", {}, webhook.get_webhook_info),
    Method("sendMessage", {**_SENT, **_TEXT}, sending.send_message),
    Method("sendPhoto", {**_SENT, **_CAPTION, **_COVERED, "photo": upload}, sending.send_photo),
    Method("sendDocument", {**_SENT, **_CAPTION, **_DOCUMENT}, sending.send_document),
    Method("sendVideo", {**_SENT, **_CAPTION, **_COVERED, "video": upload}, sending.sender_of_known("video")),
    Method(
        "sendAnimation",
        {**_SENT, **_CAPTION, **_COVERED, "animation": upload},
        sending.sender_of_known("animation"),
    ),
    Method("sendAudio", {**_SENT, **_CAPTION, "audio": upload}, sending.sender_of_known("audio")),
    Method("sendVoice", {**_SENT, **_CAPTION, "voice": upload}, sending.sender_of_known("voice")),
    Method("sendMediaGroup", _ALBUM, sending.send_media_group),
    Method("sendChatAction", {**_WHERE, "action": text}, chats.send_chat_action),
    Method("editMessageText", {**_WHICH, **_TEXT}, editing.edit_message_text),
    Method("editMessageCaption", {**_WHICH, **_CAPTION}, editing.edit_message_caption),
    Method("editMessageReplyMarkup", {**_WHICH, "reply_markup": _MARKUP}, editing.edit_message_reply_markup),
    Method("deleteMessage", _WHICH, editing.delete_message),
    Method("deleteMessages", {**_WHERE, "message_ids": structure("message_ids")}, editing.delete_messages),
    Method("answerCallbackQuery", _ANSWER, chats.answer_callback_query),
    Method("getChat", _WHERE, chats.get_chat),
    Method("getFile", {"file_id": text}, chats.get_file),
    Method("setMyCommands", {**_SCOPE, "commands": structure("commands")}, profile.set_my_commands),
    Method("getMyCommands", _SCOPE, profile.get_my_commands),
    Method("deleteMyCommands", _SCOPE, profile.delete_my_commands),
    Method("setMyName", {**_LANGUAGE, "name": text}, profile.setter("name")),
    Method("getMyName", _LANGUAGE, profile.getter("name")),
    Method("setMyDescription", {**_LANGUAGE, "description": text}, profile.setter("description")),
    Method("getMyDescription", _LANGUAGE, profile.getter("description")),
    Method(
        "setMyShortDescription",
        {**_LANGUAGE, "short_description": text},
        profile.setter("short_description"),
    ),
    Method("getMyShortDescription", _LANGUAGE, profile.getter("short_description")),
    Method(
        "setChatMenuButton",
        {**_WHERE, "menu_button": structure("menu button")},
        profile.set_chat_menu_button,
    ),
)
METHODS: Final = {method.name.lower(): method for method in _HERE}
"""By name in small letters: names are not told apart by case (TBA `Query`)."""

_ELSEWHERE: Final = frozenset(
    """
    logOut close addStickerToSet answerInlineQuery answerPreCheckoutQuery answerShippingQuery answerWebAppQuery
    approveChatJoinRequest approveSuggestedPost banChatMember banChatSenderChat closeForumTopic
    closeGeneralForumTopic convertGiftToStars copyMessage copyMessages createChatInviteLink
    createChatSubscriptionInviteLink createForumTopic createInvoiceLink createNewStickerSet
    declineChatJoinRequest declineSuggestedPost deleteBusinessMessages deleteChatPhoto deleteChatStickerSet
    deleteForumTopic deleteStickerFromSet deleteStickerSet deleteStory editChatInviteLink
    editChatSubscriptionInviteLink editForumTopic editGeneralForumTopic editMessageChecklist
    editMessageLiveLocation editMessageMedia editStory editUserStarSubscription exportChatInviteLink
    forwardMessage forwardMessages getAvailableGifts getBusinessAccountGifts getBusinessAccountStarBalance
    getBusinessConnection getChatAdministrators getChatGifts getChatMember getChatMemberCount getChatMenuButton
    getCustomEmojiStickers getForumTopicIconStickers getGameHighScores getMyDefaultAdministratorRights
    getMyStarBalance getStarTransactions getStickerSet getUserChatBoosts getUserGifts getUserProfilePhotos
    giftPremiumSubscription hideGeneralForumTopic leaveChat pinChatMessage postStory promoteChatMember
    readBusinessMessage refundStarPayment removeBusinessAccountProfilePhoto removeChatVerification
    removeMyProfilePhoto removeUserVerification reopenForumTopic reopenGeneralForumTopic replaceStickerInSet
    repostStory restrictChatMember revokeChatInviteLink savePreparedInlineMessage
    sendChecklist sendContact sendDice sendGame sendGift sendInvoice sendLivePhoto sendLocation
    sendMessageDraft sendPaidMedia sendPoll sendRichMessage sendRichMessageDraft sendSticker sendVenue
    sendVideoNote sendWidget setBusinessAccountBio setBusinessAccountGiftSettings
    setBusinessAccountName setBusinessAccountProfilePhoto setBusinessAccountUsername
    setChatAdministratorCustomTitle setChatDescription setChatMemberTag setChatPermissions setChatPhoto
    setChatStickerSet setChatTitle setCustomEmojiStickerSetThumbnail setGameScore setMessageReaction
    setMyDefaultAdministratorRights setMyProfilePhoto setPassportDataErrors setStickerEmojiList
    setStickerKeywords setStickerMaskPosition setStickerPositionInSet setStickerSetThumbnail setStickerSetTitle
    setUserEmojiStatus stopMessageLiveLocation stopPoll transferBusinessAccountStars transferGift
    unbanChatMember unbanChatSenderChat unhideGeneralForumTopic unpinAllChatMessages unpinAllForumTopicMessages
    unpinAllGeneralForumTopicMessages unpinChatMessage upgradeGift uploadStickerFile verifyChat verifyUser
    """.lower().split()
)
"""What Telegram has and the playground has not (SPEC, version 10.4, without what only few bots may call)."""


def find_method(name: str) -> Method:
    """The method of this name, in any case.

    Raises:
        Refusal: 404 where Telegram has none of this name, 400 in our own words where only the playground has none.
    """
    method = METHODS.get(name.lower())
    if method is not None:
        return method
    if name.lower() in _ELSEWHERE:
        raise unknown_here(f"the method {name}")
    raise Refusal(404, "Not Found: method not found")
