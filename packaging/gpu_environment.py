"""Set up .venv-gpu: as .venv, with a llama.cpp that is built for Vulkan. For `make test-gpu`.

Mesa's software device (llvmpipe) stands in for a GPU: the same code paths, no hardware. The wheel
takes 13 minutes on two cores and is kept outside the checkout under a key of its own.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import bootstrap
import system_packages
import vulkan_headers
from system_packages import Need

FLAGS = "-DGGML_VULKAN=ON"
DRIVERS = "/usr/share/vulkan/icd.d"


def missing() -> list[Need]:
    """What building for Vulkan and its software device lack on this machine."""
    needs = []
    if shutil.which("glslc") is None:
        needs.append(Need("glslc", "glslc"))
    if not Path("/usr/include/spirv/unified1/spirv.hpp").is_file():
        needs.append(Need("the SPIR-V headers", "spirv-headers"))
    if not any(Path("/usr/lib").glob("**/libvulkan.so")):
        needs.append(Need("Vulkan's development files", "libvulkan-dev"))
    if not any(Path(DRIVERS).glob("lvp_icd*.json")):
        needs.append(Need("Mesa's software Vulkan device", "mesa-vulkan-drivers"))
    return needs


def main() -> int:
    lacking = system_packages.provide(missing)
    if lacking:
        print(f"Missing for a Vulkan build: {', '.join(need.what for need in lacking)}. To install:")
        print(f"  {system_packages.report(lacking)}")
        return 1
    try:
        sdk = vulkan_headers.provide()
    except (LookupError, OSError, subprocess.CalledProcessError) as error:
        print(f"No Vulkan headers that are new enough: {error}.", file=sys.stderr)
        print("Name a folder with include/vulkan in it: VULKAN_SDK=PATH make test-gpu", file=sys.stderr)
        return 1
    os.environ[bootstrap.FLAGS_VARIABLE] = FLAGS
    if sdk is not None:
        os.environ["VULKAN_SDK"] = str(sdk)
    bootstrap.VENV = bootstrap.ROOT / ".venv-gpu"
    bootstrap.STAMP = bootstrap.VENV / "cascade-setup.json"
    bootstrap.LOG = bootstrap.VENV / "setup.log"
    bootstrap.BUILD_LOG = bootstrap.VENV / "llama-build.log"
    return bootstrap.main(["--tests"])


if __name__ == "__main__":
    raise SystemExit(main())
