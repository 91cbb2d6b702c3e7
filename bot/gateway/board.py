"""A message of ours that is shown anew now and then, where nothing is lost if it is not."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.domain.delivery import Outcome
from bot.gateway.failures import CallFailed, outcome

if TYPE_CHECKING:
    from bot.domain.message import Message
    from bot.gateway.sender import Sender

log = logging.getLogger(__name__)


async def show(sender: Sender, chat_id: int, message_id: int, message: Message) -> bool:
    """Show a message in the place of an earlier one; False where that may work later."""
    try:
        await sender.edit(chat_id, message_id, message)
    except CallFailed as failure:
        log.info("an editor does not see how a broadcast goes: %s", failure)
        return outcome(failure) in {Outcome.FAILED, Outcome.GONE}
    return True
