"""The Call API v4.0 of UIS and CallGear: JSON-RPC 2.0 at one address, ``POST /v4.0``."""
