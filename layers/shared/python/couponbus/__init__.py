"""Issues a barcode at Coniq for every sign-up, once, and publishes each outcome on EventBridge."""

__version__ = "0.1.0"
