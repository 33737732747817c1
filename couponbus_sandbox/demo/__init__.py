"""The demo: many sign-ups through the bus, faults at the provider, and a check of every promise."""
