"""Probes: calls that find out which assumptions about a provider hold."""
