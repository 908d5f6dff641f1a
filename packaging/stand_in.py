"""A stand-in for the program's Windows folder, which only PyInstaller on Windows can make.

Its `cascade-desk.exe` is a real 64-bit Windows program of a kilobyte, put together here: it holds the
mutex by which the installer knows an open window, shows a window, and ends when that is closed. So a
running copy can be had where there is no Windows compiler.

Format: Microsoft's "PE Format" (headers, import directory). Standard library only.
"""

from __future__ import annotations

import struct
from pathlib import Path

MUTEX = "CascadeDesk"
_IMAGE_BASE, _SECTION, _FILE_ALIGN, _PAGE = 0x140000000, 0x1000, 0x200, 0x1000
_IMPORTS = {
    "KERNEL32.dll": ("CreateMutexW", "ExitProcess", "Sleep"),
    "USER32.dll": ("CreateWindowExW", "GetMessageW", "DispatchMessageW", "IsWindow"),
}
_CODE_SIZE = 0x200
_WIDE = "utf-16-le"


class _Data:
    """Bytes that lie behind the code, each piece at an address of its own."""

    def __init__(self, start: int) -> None:
        self._start, self.content = start, bytearray()

    def put(self, piece: bytes) -> int:
        """Add a piece; its address relative to the image."""
        self.content += b"\0" * (-len(self.content) % 8)
        self.content += piece
        return self._start + len(self.content) - len(piece)


def _imports(data: _Data) -> tuple[dict[str, int], int]:
    """The import directory: where each function's address will stand, and where the directory stands."""
    slots: dict[str, int] = {}
    rows = b""
    for library, names in _IMPORTS.items():
        hints = [data.put(struct.pack("<H", 0) + name.encode() + b"\0") for name in names]
        table = struct.pack(f"<{len(hints) + 1}Q", *hints, 0)
        wanted, filled = data.put(table), data.put(table)
        slots |= {name: filled + 8 * index for index, name in enumerate(names)}
        rows += struct.pack("<5I", wanted, 0, 0, data.put(library.encode() + b"\0"), filled)
    return slots, data.put(rows + bytes(20))


class _Code:
    """Machine code; operands in memory are relative to the next instruction."""

    def __init__(self, slots: dict[str, int]) -> None:
        self._slots, self.content = slots, bytearray()

    def raw(self, text: str) -> None:
        self.content += bytes.fromhex(text)

    def address(self, opcode: str, target: int) -> None:
        """An instruction of which the last four bytes reach for `target`."""
        self.raw(opcode)
        self.content += struct.pack("<i", target - (_SECTION + len(self.content) + 4))

    def call(self, name: str) -> None:
        self.address("ff15", self._slots[name])

    def jump(self, opcode: str, target: int) -> None:
        """A jump to an offset in the code that is known already."""
        self.raw(opcode)
        self.content += struct.pack("<i", target - (len(self.content) + 4))


def _program(slots: dict[str, int], data: _Data, *, stubborn: bool) -> bytes:
    """What it does, in the calling convention of 64-bit Windows."""
    mutex = data.put(f"{MUTEX}\0".encode(_WIDE))
    kind, title = data.put("STATIC\0".encode(_WIDE)), data.put("Cascade Desk\0".encode(_WIDE))
    message = data.put(bytes(64))
    code = _Code(slots)
    code.raw("4883ec68")  # sub rsp, 0x68
    code.raw("31c931d2")  # xor ecx, ecx; xor edx, edx
    code.address("4c8d05", mutex)  # lea r8, [mutex]
    code.call("CreateMutexW")
    if stubborn:  # no window that could be closed
        code.raw("b9")
        code.content += struct.pack("<I", 0xFFFFFFFF)  # mov ecx, INFINITE
        code.call("Sleep")
    code.raw("31c9")
    code.address("488d15", kind)  # lea rdx, [kind]
    code.address("4c8d05", title)
    code.raw("41b90000cf10")  # mov r9d, WS_OVERLAPPEDWINDOW | WS_VISIBLE
    for offset, value in zip(range(0x20, 0x60, 8), (0, 0, 200, 100, 0, 0, 0, 0), strict=True):
        code.raw(f"48c74424{offset:02x}")  # mov qword [rsp + offset], value
        code.content += struct.pack("<i", value)
    code.call("CreateWindowExW")
    code.raw("4889c3")  # mov rbx, rax
    loop = len(code.content)
    code.address("488d0d", message)  # lea rcx, [message]
    code.raw("31d24531c04531c9")  # xor edx, edx; xor r8d, r8d; xor r9d, r9d
    code.call("GetMessageW")
    code.address("488d0d", message)
    code.call("DispatchMessageW")
    code.raw("4889d9")  # mov rcx, rbx
    code.call("IsWindow")
    code.raw("85c0")  # test eax, eax
    code.jump("0f85", loop)  # jnz loop
    code.raw("31c9")
    code.call("ExitProcess")
    assert len(code.content) <= _CODE_SIZE
    return bytes(code.content.ljust(_CODE_SIZE, b"\xcc"))


def _headers(imports_at: int, size: int) -> bytes:
    dos = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)
    file = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x22)
    raw = -(-size // _FILE_ALIGN) * _FILE_ALIGN
    image = _SECTION + -(-size // _PAGE) * _PAGE
    optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, raw, 0, 0, _SECTION, _SECTION)
    optional += struct.pack("<QIIHHHHHHI", _IMAGE_BASE, _PAGE, _FILE_ALIGN, 6, 0, 0, 0, 6, 0, 0)
    optional += struct.pack(
        "<IIIHHQQQQII", image, _FILE_ALIGN, 0, 2, 0x100, 1 << 20, 4096, 1 << 20, 4096, 0, 16
    )
    directories = [(0, 0)] * 16
    directories[1] = (imports_at, 20 * (len(_IMPORTS) + 1))
    optional += b"".join(struct.pack("<II", *one) for one in directories)
    section = b".text\0\0\0" + struct.pack(
        "<IIIIIIHHI", size, _SECTION, raw, _FILE_ALIGN, 0, 0, 0, 0, 0xE0000020
    )
    return (dos + file + optional + section).ljust(_FILE_ALIGN, b"\0")


def executable(*, stubborn: bool = False) -> bytes:
    """The program; a `stubborn` one has no window and ends only when it is killed."""
    data = _Data(_SECTION + _CODE_SIZE)
    slots, imports_at = _imports(data)
    code = _program(slots, data, stubborn=stubborn)
    section = code + bytes(data.content)
    padded = section.ljust(-(-len(section) // _FILE_ALIGN) * _FILE_ALIGN, b"\0")
    return _headers(imports_at, len(section)) + padded


def write_tree(folder: Path, *, mark: str, stubborn: bool = False) -> Path:
    """A folder laid out as the frozen program's; `mark` names a library that no other version has."""
    files = {
        "cascade-desk.exe": executable(stubborn=stubborn),
        "cascade-desk-cli.exe": executable(),
        "LICENSE": b"A licence.\n",
        "licences/library/LICENSE": b"Another one.\n",
        "_internal/base_library.zip": mark.encode(),
        "_internal/llama_cpp/lib/llama.dll": bytes(4096),
        f"_internal/{mark}.dll": mark.encode(),
        "_internal/resources/Namen mit Umlauten äöü.txt": b"\n",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
