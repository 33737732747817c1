"""The local AWS: MiniStack in an environment of its own, corrected where AWS behaves otherwise."""
