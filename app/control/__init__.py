"""The one place where core, store and provider meet.

``control`` runs commands and takes facts in; ``runner`` carries intents out; ``housekeeping`` does what is due; ``reconcile`` compares
with the provider; ``directory`` and ``messages`` answer who somebody is and what a caller may be played.
"""
