"""Images that both servers must refuse, with the words that both must say."""

import io
import struct

from PIL import Image

from model_build.in_archive import contract
from tests.model_build import example_photos as photos

TRUNCATED_JPEG = "the JPEG image is truncated or corrupt"
TRUNCATED_PNG = "the PNG image is truncated or corrupt"


def refused() -> dict[str, tuple[bytes, str]]:
    """Case -> (bytes, error)."""
    jpeg, png = photos.jpeg(), photos.png()
    return {
        "empty": (b"", "the image is empty (0 bytes)"),
        "text": (b"hello, world", _not("text; send the photo itself")),
        "one byte": (b"\xff", _not("unknown data; convert it to JPEG or PNG")),
        "gif": (_saved("GIF"), _not("GIF; convert it to JPEG or PNG")),
        "over 10 MiB": (png + bytes(contract.MAX_BYTES), _too_large(len(png) + contract.MAX_BYTES)),
        "png bomb": (_png_claiming(20000, 20000), _too_many(400_000_000)),
        "jpeg bomb": (_jpeg_claiming(60000, 60000), _too_many(3_600_000_000)),
        "cmyk jpeg": (_saved("JPEG", "CMYK"), contract.CMYK),
        "jpeg cut short": (jpeg[: len(jpeg) // 2], TRUNCATED_JPEG),
        "jpeg without end": (jpeg[:-40], TRUNCATED_JPEG),
        "jpeg header only": (jpeg[:4], TRUNCATED_JPEG),
        "jpeg signature only": (jpeg[:3], TRUNCATED_JPEG),
        "png cut short": (png[: len(png) // 2], TRUNCATED_PNG),
        "png without end": (png[:-12], TRUNCATED_PNG),
        "png signature only": (png[:8], TRUNCATED_PNG),
        "png corrupt in the middle": (_flipped(png, len(png) // 2), TRUNCATED_PNG),
        "png of no size": (_png_claiming(0, 0), TRUNCATED_PNG),
        "png without header": (png[:12] + b"JUNK" + png[16:], TRUNCATED_PNG),
    }


def _saved(file_format: str, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(photos.scene(40, 50)).convert(mode).save(buffer, file_format)
    return buffer.getvalue()


def _not(got: str) -> str:
    return f"expected a JPEG or PNG image, got {got}"


def _too_large(size: int) -> str:
    return f"the image has {size} bytes; the limit is 10485760"


def _too_many(pixels: int) -> str:
    return f"the image has {pixels} pixels; the limit is 50000000"


def _png_claiming(width: int, height: int) -> bytes:
    """A small file whose header claims many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return photos.PNG_SIGNATURE + photos.chunk(b"IHDR", header) + photos.chunk(b"IEND", b"")


def _jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(photos.jpeg())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :]
