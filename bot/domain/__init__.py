"""Pure news logic: no input or output, no clock, no randomness."""
