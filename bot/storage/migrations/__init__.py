"""The database history, one file a step."""
