"""TwiML documents as pure functions, values in and document out; and, in ``twiml.simulator``, the stand-in for Twilio that runs them."""
