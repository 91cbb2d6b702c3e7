"""The only room that calls Telegram: transport, updates in, sender out, pacing, and what failures mean."""
