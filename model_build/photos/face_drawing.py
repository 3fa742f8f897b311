"""A face's description to pixels, with Pillow. Coordinates: face radius 1, x to the right, y down."""

import io
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from model_build.photos.faces import Expression, Face, Look

SIDE = 224
_OVERSAMPLING = 2
_LIPS = (150, 60, 65)
_DARK = (35, 25, 25)
_WHITE = (240, 238, 232)

Colour = tuple[int, int, int]
Point = tuple[float, float]


class Pen:
    """Draws in face coordinates: rolled, scaled and shifted as the head is; `yaw` moves features sideways."""

    def __init__(self, image: Image.Image, look: Look) -> None:
        self._draw = ImageDraw.Draw(image)
        self._radius = image.width * 0.5 * look.scale * 0.92
        self._centre = tuple(image.width * (0.5 + offset * 0.5) for offset in look.shift)
        self._cos, self._sin = math.cos(math.radians(look.roll)), math.sin(math.radians(look.roll))

    def shape(self, points: list[Point], fill: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon([self._pixel(point) for point in points], fill=fill)

    def ellipse(self, centre: Point, rx: float, ry: float, fill: Colour) -> None:
        """A filled ellipse, rolled with the head."""
        angles = np.linspace(0, 2 * math.pi, 48, endpoint=False)
        self.shape(
            [(centre[0] + rx * math.cos(angle), centre[1] + ry * math.sin(angle)) for angle in angles], fill
        )

    def line(self, points: list[Point], width: float, fill: Colour) -> None:
        """An open line with round joints; width in face radii."""
        pixels = max(1, round(width * self._radius))
        self._draw.line([self._pixel(point) for point in points], fill=fill, width=pixels, joint="curve")

    def _pixel(self, point: Point) -> Point:
        x, y = point[0] * self._radius, point[1] * self._radius
        return (
            self._centre[0] + x * self._cos - y * self._sin,
            self._centre[1] + x * self._sin + y * self._cos,
        )


def draw(face: Face) -> Image.Image:
    """An RGB photo of SIDE x SIDE pixels."""
    canvas = Image.new("RGB", (SIDE * _OVERSAMPLING, SIDE * _OVERSAMPLING), face.look.backdrop)
    pen = Pen(canvas, face.look)
    _head(pen, face.look)
    for side in (-1, 1):
        _eye(pen, face.expression, face.look, side)
        _brow(pen, face.expression, face.look, side)
    _nose(pen, face.look)
    _mouth(pen, face.expression, face.look)
    _things(pen, face.look)
    return _photograph(canvas.resize((SIDE, SIDE), Image.Resampling.BOX), face)


def encode(face: Face, file_format: str) -> bytes:
    """The drawn photo as the bytes of a JPEG or PNG file."""
    buffer = io.BytesIO()
    if file_format == "PNG":
        draw(face).save(buffer, "PNG")
    else:
        draw(face).save(buffer, "JPEG", quality=face.look.jpeg_quality)
    return buffer.getvalue()


def _head(pen: Pen, look: Look) -> None:
    if look.hair_style > 0:
        pen.ellipse((0, -0.25), look.face_width + 0.14, 0.95, look.hair)
    if look.hair_style == 2:
        hang = look.face_width + 0.12
        pen.shape([(-hang, -0.3), (hang, -0.3), (hang, 1.1), (-hang, 1.1)], look.hair)
    pen.ellipse((0, 0), look.face_width, 1.0, look.skin)
    if look.beard:
        pen.ellipse((look.yaw * 0.5, 0.66), look.face_width * 0.72, 0.36, _mix(look.skin, look.hair, 0.6))
    if look.hair_style == 3:
        pen.shape([(-0.7, -0.55), (-0.3, -1.0), (0.4, -1.0), (0.75, -0.5), (0.1, -0.75)], look.hair)


def _eye(pen: Pen, expression: Expression, look: Look, side: int) -> None:
    x, y = side * 0.37 + look.yaw, -0.16
    height = 0.12 * max(0.18, 1 + 0.75 * expression.eye_open)
    slope = 0.07 * expression.lid_slope
    inner, outer = (x - side * 0.19, y - slope), (x + side * 0.19, y + slope)
    upper = [(x - side * 0.06, y - height), (x + side * 0.06, y - height + slope)]
    lower = [(x + side * 0.07, y + height * 0.8 + slope), (x - side * 0.05, y + height * 0.8)]
    pen.shape([inner, *upper, outer, *lower], _WHITE)
    pupil = (x + look.yaw * 0.25, y + 0.04 * expression.gaze_down)
    pen.ellipse(pupil, 0.075, min(0.08, height), _DARK)
    pen.line([inner, *upper, outer], 0.03, _mix(look.skin, _DARK, 0.75))


def _brow(pen: Pen, expression: Expression, look: Look, side: int) -> None:
    x, y = side * 0.38 + look.yaw, -0.42 - 0.1 * expression.brow_height
    tilt = 0.15 * expression.inner_brow
    inner, outer = (x - side * 0.2, y - tilt), (x + side * 0.2, y + tilt * 0.5)
    middle = (x, y - 0.05 + tilt * 0.1)
    pen.line([inner, middle, outer], 0.085, _mix(look.hair, _DARK, 0.4))


def _nose(pen: Pen, look: Look) -> None:
    shade = _mix(look.skin, _DARK, 0.35)
    tip = look.yaw * 1.6
    pen.line([(look.yaw, -0.1), (tip - 0.07, 0.2), (tip + 0.07, 0.22)], 0.03, shade)


def _mouth(pen: Pen, expression: Expression, look: Look) -> None:
    centre, half = look.yaw, 0.33 * (1 + 0.35 * expression.mouth_width)
    opened, bend = 0.2 * max(0.0, expression.mouth_open), 0.2 * expression.smile
    across = np.linspace(-1, 1, 13)
    upper = [(centre + half * x, 0.5 + bend * (0.5 - x * x) - opened * (1 - x * x) * 0.4) for x in across]
    lower = [(centre + half * x, 0.5 + bend * (0.5 - x * x) + opened * (1 - x * x)) for x in across]
    lips = _mix(look.skin, _LIPS, 0.7)
    if opened > 0.02:
        pen.shape(upper + lower[::-1], _mix(_DARK, _LIPS, 0.3))
        pen.line(lower, 0.05, lips)
    pen.line(upper, 0.065, lips)


def _things(pen: Pen, look: Look) -> None:
    if look.glasses:
        for side in (-1, 1):
            x = side * 0.36 + look.yaw
            ring = [(x + 0.22 * math.cos(a), -0.15 + 0.17 * math.sin(a)) for a in np.linspace(0, 6.4, 30)]
            pen.line(ring, 0.025, _DARK)
        pen.line([(look.yaw - 0.14, -0.16), (look.yaw + 0.14, -0.16)], 0.025, _DARK)
    x, y = look.occlusion_at
    if look.occlusion == "hand":
        for finger in range(4):
            pen.ellipse(
                (x + finger * 0.14, y + 0.3), 0.075, 0.38, _mix(look.skin, _DARK, 0.12 + 0.04 * finger)
            )
    elif look.occlusion == "scarf":
        top = 0.42 + 0.25 * abs(x)
        pen.shape([(-1.2, top), (1.2, top + 0.1 * y), (1.2, 1.4), (-1.2, 1.4)], look.hair)
    elif look.occlusion == "fringe":
        bottom = -0.42 + 0.25 * y
        pen.shape([(-1, -1.1), (1, -1.1), (0.9, bottom), (x, bottom + 0.15), (-0.9, bottom)], look.hair)
    elif look.occlusion == "bar":
        pen.line([(x, -1.4), (x * 0.5 + 0.3, 1.4)], 0.16, _mix(look.backdrop, _DARK, 0.5))


def _photograph(image: Image.Image, face: Face) -> Image.Image:
    """Light from one side, blur and sensor noise."""
    look, random = face.look, np.random.default_rng(face.number)
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(look.blur)), dtype=np.float32)
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    angle = math.radians(look.light_angle)
    light = look.brightness * (1 + look.light_strength * (x * math.cos(angle) + y * math.sin(angle)))
    noise = random.normal(0, look.noise, pixels.shape[:2])
    lit = pixels * light[..., np.newaxis] + noise[..., np.newaxis]
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
