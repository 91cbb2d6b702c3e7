"""Telegram on this machine: a Bot API server that refuses what Telegram refuses, with a chat page."""
