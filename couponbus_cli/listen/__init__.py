"""A receiver of webhooks on this machine, which verifies and shows them."""
