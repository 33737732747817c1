"""A receiver of webhooks on this machine, which shows what comes."""
