"""House defaults: small constructs that make the safe configuration the short one."""
