"""The stages of an installation as data: `couponbus.yaml`."""
