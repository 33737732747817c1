"""What is deployed together: state, messaging, workers, monitoring."""
