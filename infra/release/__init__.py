"""What one release's templates may do to those of the last one."""
