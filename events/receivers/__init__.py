"""Code that a receiver of webhooks may copy; the catalogue shows it, and a test runs it."""
