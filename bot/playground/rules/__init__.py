"""What Telegram takes and what it refuses, as pure functions.

The rules were read in the sources of Telegram's own Bot API server ("TBA") and of its client library TDLib ("TD");
"SPEC" is the published reference. Where Telegram repairs or drops something without a word, the playground refuses
it in words of its own, so that nobody believes it arrived.
"""
