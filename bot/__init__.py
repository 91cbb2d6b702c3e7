"""The newsroom: everything that is neither an update handler nor a tick of the clock."""

__version__ = "0.1.0"
