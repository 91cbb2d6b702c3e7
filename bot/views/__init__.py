"""What the newsroom's things look like in a chat: pure functions from domain objects to messages."""
