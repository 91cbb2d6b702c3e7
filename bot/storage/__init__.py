"""The only room that knows SQL: functions on a transaction, one module per subject."""
