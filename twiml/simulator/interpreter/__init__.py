"""Runs TwiML: fetches documents and performs their verbs for one leg at a time."""
