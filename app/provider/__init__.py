"""The telephone provider: the port the rest speaks to, and Twilio behind it."""
