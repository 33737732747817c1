"""Takes out of the vendor layer what no function reads: other services, documentation, scripts."""

import gzip
import json
import shutil
from pathlib import Path

# Each client that product code makes must be named here; a test compares.
SERVICES = ("dynamodb", "events", "secretsmanager", "sqs", "sts")

# What botocore reads whichever the service.
SHARED_DATA = ("_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json")

# Written by the installer; RECORD lists files that are gone, and paths of this machine.
INSTALLER_NOTES = ("INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_cache.json")

type Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


def drop_what_lambda_never_reads(packages: Path) -> None:
    """Trim an installation in place, keeping licences and the metadata that importlib reads."""
    for leftover in (packages / "bin", packages / "boto3" / "examples"):
        shutil.rmtree(leftover, ignore_errors=True)
    (packages / ".lock").unlink(missing_ok=True)
    for note in INSTALLER_NOTES:
        for path in packages.glob(f"*.dist-info/{note}"):
            path.unlink()
    for path in (*packages.rglob("*.pyi"), *packages.rglob("py.typed")):
        path.unlink()
    _keep_services(packages / "boto3" / "data", shared=())
    _keep_services(packages / "botocore" / "data", shared=SHARED_DATA)
    _drop_documentation(packages / "botocore" / "data")
    _keep_endpoints(packages / "botocore" / "data" / "endpoints.json")


def _keep_services(data: Path, *, shared: tuple[str, ...]) -> None:
    for entry in data.iterdir():
        if entry.is_dir() and entry.name not in SERVICES:
            shutil.rmtree(entry)
        elif entry.is_file() and entry.name.removesuffix(".gz") not in shared:
            entry.unlink()


def _drop_documentation(data: Path) -> None:
    for packed in data.rglob("*.json.gz"):
        model: Json = json.loads(gzip.decompress(packed.read_bytes()))
        # Plain JSON: the zip compresses it anyway, and a cold start does not unpack it twice.
        packed.with_suffix("").write_text(
            json.dumps(_without_documentation(model), separators=(",", ":")), encoding="utf-8"
        )
        packed.unlink()
    for examples in data.rglob("examples-1.json"):
        examples.unlink()


def _keep_endpoints(path: Path) -> None:
    """Drop the regions of other services: botocore reads all of them for its first client."""
    known = json.loads(path.read_text(encoding="utf-8"))
    for partition in known["partitions"]:
        kept = {name: each for name, each in partition["services"].items() if name in SERVICES}
        partition["services"] = kept
    path.write_text(json.dumps(known, separators=(",", ":")), encoding="utf-8")


def _without_documentation(model: Json) -> Json:
    """Drop texts only: a member of a shape may itself be called documentation."""
    if isinstance(model, list):
        return [_without_documentation(each) for each in model]
    if isinstance(model, dict):
        return {
            key: _without_documentation(value)
            for key, value in model.items()
            if not (key == "documentation" and isinstance(value, str))
        }
    return model
