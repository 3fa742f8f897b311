"""Small photos in every form that the contract accepts, and every form that it refuses."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import skimage
from numpy.typing import NDArray
from PIL import Image

ASTRONAUT = Path(skimage.__file__).parent / "data" / "astronaut.png"
"""A real face, from scikit-image."""
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def scene(height: int, width: int) -> NDArray[np.uint8]:
    """A smooth colourful picture with edges: (height, width, 3)."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    red = 127 + 120 * np.sin(x / 17) * np.cos(y / 23)
    green = 255 * ((x // 31 + y // 19) % 2)
    blue = 255 * y / max(height - 1, 1)
    return np.stack([red, green, blue], axis=-1).clip(0, 255).astype(np.uint8)


def saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    """The bytes of an image file."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def jpeg(height: int = 80, width: int = 120, **options: object) -> bytes:
    """An RGB JPEG."""
    return saved(Image.fromarray(scene(height, width)), "JPEG", **options)


def png(height: int = 80, width: int = 120) -> bytes:
    """An RGB PNG."""
    return saved(Image.fromarray(scene(height, width)), "PNG")


def png_16_bit(colour_type: int, height: int = 60, width: int = 90) -> bytes:
    """A PNG with 16 bits a channel (Pillow cannot write colour ones): 0 gray, 2 RGB, 4 gray+alpha, 6 RGBA."""
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour_type]
    samples = np.resize(scene(height, width).astype(np.uint16) * 199 + 31, (height, width, channels))
    return png_file(width, height, 16, colour_type, samples.astype(">u2").tobytes())


def png_file(width: int, height: int, depth: int, colour_type: int, samples: bytes) -> bytes:
    """A PNG from raw samples, rows one after another."""
    row = len(samples) // height
    lines = b"".join(b"\0" + samples[start : start + row] for start in range(0, len(samples), row))
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")
    return PNG_SIGNATURE + b"".join(chunk(name, data) for name, data in chunks)


def chunk(name: bytes, data: bytes) -> bytes:
    """One PNG chunk with its checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def accepted() -> dict[str, bytes]:
    """The golden set: every form that both servers must read alike."""
    rgb = Image.fromarray(scene(80, 120))
    alpha = rgb.copy()
    alpha.putalpha(Image.linear_gradient("L").resize(rgb.size))
    palette = rgb.quantize(64)
    return {
        "jpeg-rgb": jpeg(),
        "jpeg-gray": saved(rgb.convert("L"), "JPEG"),
        "jpeg-progressive": jpeg(progressive=True, quality=85),
        "jpeg-444": jpeg(quality=95, subsampling=0),
        "jpeg-low-quality": jpeg(quality=20),
        "jpeg-restart-markers": jpeg(restart_marker_blocks=4),
        "jpeg-exif-rotated": jpeg(exif=_rotated()),
        "jpeg-odd-size": jpeg(37, 211),
        "jpeg-large": jpeg(700, 500),
        "jpeg-1x1": jpeg(1, 1),
        "jpeg-100x100": jpeg(100, 100),
        "png-rgb": png(),
        "png-gray": saved(rgb.convert("L"), "PNG"),
        "png-rgba": saved(alpha, "PNG"),
        "png-gray-alpha": saved(alpha.convert("LA"), "PNG"),
        "png-palette": saved(palette, "PNG"),
        "png-palette-transparent": saved(palette, "PNG", transparency=3),
        "png-rgb-transparent": saved(rgb, "PNG", transparency=(0, 255, 0)),
        "png-gray-transparent": saved(rgb.convert("L"), "PNG", transparency=9),
        "png-1-bit": saved(rgb.convert("1"), "PNG"),
        "png-2-bit": png_file(8, 8, 2, 0, bytes(range(16))),
        "png-4-bit": png_file(8, 8, 4, 0, bytes(range(0, 256, 8))),
        "png-2-bit-palette": saved(rgb.quantize(4), "PNG", bits=2),
        "png-16-bit-gray": png_16_bit(0),
        "png-16-bit-rgb": png_16_bit(2),
        "png-16-bit-gray-alpha": png_16_bit(4),
        "png-16-bit-rgba": png_16_bit(6),
        "png-odd-size": png(211, 37),
        "png-tall": png(900, 9),
        "png-1x1": png(1, 1),
    }


def _rotated() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif
