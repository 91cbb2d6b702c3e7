"""What happens on an update, one module per conversation subject."""
