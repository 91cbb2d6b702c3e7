"""The words that people see, one catalogue a language."""
