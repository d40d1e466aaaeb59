"""A stand-in for Twilio's voice platform: REST resources, TwiML, signed webhooks, phones, faults and a clock.

It knows nothing of any controller: it requests the URLs it is given and answers the REST requests it gets. Start it
with ``python -m twiml.simulator``.
"""
