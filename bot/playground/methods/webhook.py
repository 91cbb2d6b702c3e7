"""The webhook as Telegram remembers it. The playground never calls it, but like Telegram stops handing out updates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.playground.methods.outcome import Done
from bot.playground.rules.refusal import bad_request

if TYPE_CHECKING:
    from bot.playground.exchange import Exchange


def set_webhook(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Set the webhook (setWebhook), or delete it where there is no address (TBA `do_set_webhook`)."""
    url, secret = params.get("url", ""), params.get("secret_token", "")
    if not url:
        return delete_webhook(exchange, params)
    if not re.fullmatch(r"https://[^\s/?#]+\.[^\s/?#]+(?:[/?#]\S*)?", url):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    if "allowed_updates" in params:
        exchange.record("allowed", types=params["allowed_updates"])
    _drop_pending(exchange, params)
    connections = min(max(params.get("max_connections", 40), 1), 100)
    exchange.record("webhook", webhook={"url": url, "max_connections": connections})
    return Done(result=True)


def delete_webhook(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Delete the webhook (deleteWebhook)."""
    _drop_pending(exchange, params)
    exchange.record("webhook", webhook={})
    return Done(result=True)


def get_webhook_info(exchange: Exchange, _params: dict[str, Any]) -> Done:
    """Tell about the webhook (getWebhookInfo)."""
    state = exchange.state
    info = {
        "url": "",
        **state.webhook,
        "has_custom_certificate": False,
        "pending_update_count": len(state.pending),
    }
    return Done({**info, **({"allowed_updates": state.allowed_updates} if state.allowed_updates else {})})


def _drop_pending(exchange: Exchange, params: dict[str, Any]) -> None:
    if params.get("drop_pending_updates"):
        exchange.record("confirmed", until=exchange.state.last_update + 1)
