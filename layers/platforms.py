"""The platforms that a vendor layer can be built for: Lambda's two, and machines of developers."""

import platform
from importlib.machinery import EXTENSION_SUFFIXES

# The folder of a layer, and what uv calls the platform of its wheels.
# Amazon Linux 2023, on which Lambda's Python 3.13 runs, has glibc 2.34.
LAMBDA = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
# The local stage runs functions in the own Python of the machine: it imports no other wheels.
DEVELOPERS = {
    "macos-arm64": "aarch64-apple-darwin",
    "macos-x86_64": "x86_64-apple-darwin",
    "musl-arm64": "aarch64-unknown-linux-musl",
    "musl-x86_64": "x86_64-unknown-linux-musl",
}
ALL = LAMBDA | DEVELOPERS

CPUS = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64", "amd64": "x86_64"}
# How the names of extension modules end that an interpreter of the system imports.
SYSTEMS = {"-linux-gnu": "", "-linux-musl": "musl-", "-darwin": "macos-"}


class PlatformUnknown(Exception):
    """There is no layer for this machine; the message says which machines there are some for."""


def host() -> str:
    """Return the layer that this interpreter can import. Raises PlatformUnknown."""
    return layer_for(cpu=platform.machine(), suffix=EXTENSION_SUFFIXES[0])


def architecture(layer: str) -> str:
    """Return Lambda's name for the CPU of a layer."""
    return layer.rpartition("-")[2]


def layer_for(*, cpu: str, suffix: str) -> str:
    """Return the layer for a CPU and the suffix of extension modules. Raises PlatformUnknown."""
    name = CPUS.get(cpu.lower())
    for ending, system in SYSTEMS.items():
        if name and suffix.removesuffix(".so").endswith(ending):
            return f"{system}{name}"
    raise PlatformUnknown(
        f"there is no vendor layer for {cpu} with {suffix}: the local stage runs on Linux (glibc or"
        " musl) and macOS, on arm64 and x86_64"
    )
