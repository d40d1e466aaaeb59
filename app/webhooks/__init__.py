"""Twilio's webhooks: each becomes a fact and is answered from the store, with TwiML where Twilio asks what to do next."""
