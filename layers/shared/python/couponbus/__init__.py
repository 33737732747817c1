"""Issues a barcode at Coniq for every sign-up, once, and tells everybody on EventBridge."""

__version__ = "0.1.0"
