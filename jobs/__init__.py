"""What happens on a tick of the clock."""
