"""Pictures of figures, drawn from numbers alone."""
