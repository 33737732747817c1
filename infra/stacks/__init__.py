"""The stacks: state, messaging, workers, monitoring."""
