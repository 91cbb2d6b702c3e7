"""The methods of the Bot API that the playground has; `table` lists them, and refuses the others by name."""
