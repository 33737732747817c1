"""The operator's command `couponbus`."""
