"""The small HTTP side of the newsroom: health and metrics."""
