"""The local stage has a layer of importable wheels for each developer platform.

The wheels of macOS and of musl are resolved, unpacked and inspected, but never run here.
"""

import struct
from pathlib import Path

import pytest

from layers import build, platforms
from tests.architecture import tree
from tests.architecture.test_pins import pins

# The extension suffix of the platform's interpreter, beside the stable ABI.
SUFFIXES = {
    "macos-arm64": ".cpython-313-darwin.so",
    "macos-x86_64": ".cpython-313-darwin.so",
    "musl-arm64": ".cpython-313-aarch64-linux-musl.so",
    "musl-x86_64": ".cpython-313-x86_64-linux-musl.so",
}
ELF = {183: "arm64", 62: "x86_64"}
MACH_O = {0x0100000C: "arm64", 0x01000007: "x86_64"}
NAMES = sorted(platforms.DEVELOPERS)


def unpacked(name: str) -> Path:
    folder = build.WHEELS / name
    stamp = folder.with_name(f"{name}.stamp")
    wanted = build.fingerprint(*build.OTHER_LOCKS)
    assert folder.is_dir(), f"no wheels of {name} were unpacked: run `make tests`"
    assert stamp.read_text(encoding="utf-8") == wanted, "run `make tests`"
    return folder / "python"


def cpus(binary: Path) -> set[str]:
    """Return the processors that a shared object is for, read from its header."""
    head = binary.read_bytes()[:4096]
    if head.startswith(b"\x7fELF"):
        return {ELF[struct.unpack_from("<H", head, 18)[0]]}
    if head.startswith(struct.pack("<I", 0xFEEDFACF)):
        return {MACH_O[struct.unpack_from("<I", head, 4)[0]]}
    assert head.startswith(struct.pack(">I", 0xCAFEBABE)), f"{binary.name} is no known binary"
    count = struct.unpack_from(">I", head, 4)[0]
    return {MACH_O[struct.unpack_from(">I", head, 8 + 20 * each)[0]] for each in range(count)}


@pytest.mark.parametrize("name", NAMES)
def test_each_locked_package_has_a_wheel_for_the_platform(name: str) -> None:
    wheels = {
        found.parent.name.partition("-")[0].replace("_", "-")
        for found in unpacked(name).glob("*.dist-info/WHEEL")
    }

    assert wheels == set(pins("layers/vendor/requirements.txt"))


@pytest.mark.parametrize("name", NAMES)
def test_each_binary_can_be_imported_there(name: str) -> None:
    modules = [path for path in unpacked(name).rglob("*.so") if path.parent.name != ".dylibs"]

    assert any(path.name.startswith("_pydantic_core.") for path in modules)
    for path in modules:
        assert path.name.endswith((SUFFIXES[name], ".abi3.so")), tree.name(path)


@pytest.mark.parametrize("name", NAMES)
def test_each_binary_is_for_the_cpu(name: str) -> None:
    binaries = list(unpacked(name).rglob("*.so*"))

    assert binaries
    for path in binaries:
        assert platforms.architecture(name) in cpus(path), tree.name(path)


@pytest.mark.parametrize(
    ("cpu", "suffix", "layer"),
    [
        ("x86_64", ".cpython-313-x86_64-linux-gnu.so", "x86_64"),
        ("aarch64", ".cpython-313-aarch64-linux-gnu.so", "arm64"),
        ("x86_64", ".cpython-313-x86_64-linux-musl.so", "musl-x86_64"),
        ("aarch64", ".cpython-313-aarch64-linux-musl.so", "musl-arm64"),
        ("arm64", ".cpython-313-darwin.so", "macos-arm64"),
        # An Intel Python on Apple silicon reports its own architecture.
        ("x86_64", ".cpython-313-darwin.so", "macos-x86_64"),
    ],
)
def test_a_machine_gets_the_layer_that_its_python_imports(
    cpu: str, suffix: str, layer: str
) -> None:
    assert platforms.layer_for(cpu=cpu, suffix=suffix) == layer
    assert layer in platforms.ALL


@pytest.mark.parametrize(
    ("cpu", "suffix"),
    [("riscv64", ".cpython-313-riscv64-linux-gnu.so"), ("AMD64", ".cp313-win_amd64.pyd")],
)
def test_a_machine_without_a_layer_learns_which_machines_have_one(cpu: str, suffix: str) -> None:
    with pytest.raises(platforms.PlatformUnknown, match=r"Linux \(glibc or musl\) and macOS"):
        platforms.layer_for(cpu=cpu, suffix=suffix)
