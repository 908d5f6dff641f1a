"""Vulkan headers that are new enough for llama.cpp, where the system's own are too old.

Debian 12 has those of 1.3.239, and llama.cpp wants `vk::LayerSettingEXT` (1.3.272). The package of
the next release is then downloaded from the mirror that this machine's apt uses, checked by apt as
any other, and unpacked outside the checkout: nothing is installed.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import llama_wheel

#: The release whose headers (1.4.309) are known to do, and what tells that some do.
RELEASE = "trixie"
TOLD_BY = "LayerSettingEXT"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SYSTEM = Path("/usr/include")


def new_enough(include: Path) -> bool:
    """Whether the headers in `include` are what llama.cpp wants."""
    header = include / "vulkan" / "vulkan_structs.hpp"
    return header.is_file() and TOLD_BY in header.read_text(encoding="utf-8", errors="replace")


def folder() -> Path:
    """Where the unpacked headers are kept; a VULKAN_SDK for CMake."""
    return llama_wheel.cache_root().parent / "vulkan-headers"


def mirror() -> str:
    """The Debian mirror that apt is set up with; LookupError without one."""
    wanted = ["$(LABEL)|$(COMPONENT)|$(SITE)", "Created-By: Packages"]
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", *wanted], capture_output=True, text=True, check=False
    )
    for line in listed.stdout.splitlines():
        label, component, site = line.split("|", 2)
        if (label, component) == ("Debian", "main"):
            return site
    raise LookupError("apt has no Debian mirror")


def sources(site: str) -> str:
    """An apt source for the other release."""
    signed = f"Signed-By: {KEYRING}\n" if KEYRING.is_file() else ""
    return f"Types: deb\nURIs: {site}\nSuites: {RELEASE}\nComponents: main\n{signed}"


def download(site: str, work: Path) -> Path:
    """Download the package into `work`, with lists and a cache of its own; its path."""
    (work / "next.sources").write_text(sources(site), encoding="ascii")
    for name in ("lists/partial", "cache/archives/partial"):
        (work / name).mkdir(parents=True)
    apt = ["apt-get", "-qq", "-o", f"Dir::Etc::sourcelist={work / 'next.sources'}"]
    apt += ["-o", "Dir::Etc::sourceparts=-", "-o", f"Dir::State::lists={work / 'lists'}"]
    apt += ["-o", f"Dir::Cache={work / 'cache'}", "-o", "APT::Sandbox::User="]
    for step in (["update"], ["download", f"libvulkan-dev/{RELEASE}"]):
        subprocess.run([*apt, *step], check=True, cwd=work, stdin=subprocess.DEVNULL)
    return next(iter(sorted(work.glob("libvulkan-dev*.deb"))))


def provide() -> Path | None:
    """The value that VULKAN_SDK needs; None where the system's own headers will do.

    Raises LookupError, OSError or CalledProcessError where they can't be had.
    """
    chosen = os.environ.get("VULKAN_SDK")
    if chosen:
        return Path(chosen)
    if new_enough(SYSTEM):
        return None
    target = folder()
    if not new_enough(target / "include"):
        print(f"Fetching the Vulkan headers of Debian's {RELEASE}", flush=True)
        with tempfile.TemporaryDirectory() as work:
            package = download(mirror(), Path(work))
            subprocess.run(["dpkg-deb", "-x", str(package), f"{work}/unpacked"], check=True)
            target.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-R", f"{work}/unpacked/usr/include", str(target)], check=True)
    return target
