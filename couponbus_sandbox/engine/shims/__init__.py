"""One correction of MiniStack 1.5.33 a file; imported only inside the engine's own process."""

from couponbus_sandbox.engine.shims import (
    alarms,
    archive,
    bus_entries,
    bus_policy,
    environment_size,
    exports_in_use,
    gateway,
    layers,
    leading_keys,
    log_search,
    metrics,
    moved_time,
    paused_mappings,
    queue_actions,
    queue_batches,
    queue_failures,
    queue_storage,
    restored_tables,
    secret,
    statements,
    stream_batches,
    table_changes,
    taken_names,
    throttles,
)


def install_all() -> None:
    """Put every correction in place; MiniStack must not have served a request yet."""
    gateway.install()
    archive.install()
    bus_entries.install()
    bus_policy.install()
    secret.install()
    layers.install()
    paused_mappings.install()
    restored_tables.install()
    taken_names.install()
    exports_in_use.install()
    environment_size.install()
    table_changes.install()
    leading_keys.install()
    statements.install()
    queue_actions.install()
    queue_storage.install()
    queue_batches.install()
    queue_failures.install()
    stream_batches.install()
    throttles.install()
    moved_time.install()
    metrics.install()
    log_search.install()
    alarms.install()
