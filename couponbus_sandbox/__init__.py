"""Simulators of the providers and the local cloud, for demos and for a user's own tests."""
