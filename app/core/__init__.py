"""The call model: pure values and functions. No Flask, no provider, no SQL, no clock, no I/O.

Read in this order: ``session`` (what is known), ``facts`` (what the provider did), ``commands`` (what clients ask for), ``intents``
(what the provider is asked for), ``decide`` and ``apply`` (the two ways in), ``settle`` (every rule about who ends with whom).
"""
