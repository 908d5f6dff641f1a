"""The icon's files, read as their formats say."""

import struct

from PySide6.QtGui import QImage


def test_a_picture_has_its_size_and_is_not_empty(icons):
    image = QImage.fromData(icons.draw(48))
    assert (image.width(), image.height()) == (48, 48)
    colours = {image.pixel(x, y) for x in range(0, 48, 4) for y in range(0, 48, 4)}
    assert len(colours) > 2
    assert image.pixelColor(0, 0).alpha() == 0


def test_windows_finds_each_picture_where_the_entry_says(icons):
    pictures = {16: b"\x89PNG-16", 256: b"\x89PNG-of-256"}
    data = icons.ico(pictures)
    assert struct.unpack_from("<HHH", data) == (0, 1, 2)
    for number, (size, png) in enumerate(pictures.items()):
        width, height, _, _, planes, bits, length, start = struct.unpack_from(
            "<BBBBHHII", data, 6 + 16 * number
        )
        assert (width or 256, height or 256, planes, bits) == (size, size, 1, 32)
        assert data[start : start + length] == png


def test_macos_finds_each_picture_by_its_type(icons):
    pictures = {16: b"a", 512: b"bcd"}
    data = icons.icns(pictures)
    assert struct.unpack_from(">4sI", data) == (b"icns", len(data))
    at, found = 8, {}
    while at < len(data):
        kind, length = struct.unpack_from(">4sI", data, at)
        found[kind] = data[at + 8 : at + length]
        at += length
    assert found == {b"icp4": b"a", b"ic09": b"bcd"}


def test_every_size_of_the_formats_is_drawn(icons):
    assert set(icons.ICO_SIZES) <= set(icons.SIZES)
    assert set(icons.ICNS_TYPES) <= set(icons.SIZES)
