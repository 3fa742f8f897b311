"""What a drawn face looks like, decided from a seed: expression by class, everything else at random.

The classes overlap on purpose. An expression has an intensity (some faces hardly show it), every person
deviates from it, and pose, light, noise and things before the face hide parts of it.
"""

from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True)
class Expression:
    """Geometry of mouth, brows, eyes and gaze; 0 is the neutral face, 1 a strong deviation from it."""

    smile: float = 0.0
    """Corners of the mouth: up > 0, down < 0."""
    mouth_open: float = 0.0
    mouth_width: float = 0.0
    inner_brow: float = 0.0
    """Inner ends of the brows: raised > 0, pulled down < 0."""
    brow_height: float = 0.0
    eye_open: float = 0.0
    lid_slope: float = 0.0
    """Outer corners of the eyes: hanging > 0, lifted < 0."""
    gaze_down: float = 0.0


PROTOTYPES = {
    "sad": Expression(
        smile=-0.8, mouth_width=-0.3, inner_brow=0.8, eye_open=-0.4, lid_slope=0.7, gaze_down=0.7
    ),
    "scared": Expression(
        smile=-0.3, mouth_open=0.8, mouth_width=-0.2, inner_brow=0.6, brow_height=0.8, eye_open=0.9
    ),
    "neutral": Expression(),
    "happy": Expression(smile=0.9, mouth_open=0.4, mouth_width=0.7, brow_height=0.2, eye_open=-0.3),
    "angry": Expression(
        smile=-0.5, mouth_open=0.1, inner_brow=-0.9, brow_height=-0.6, eye_open=-0.3, lid_slope=-0.6
    ),
}
EMOTIONS = tuple(PROTOTYPES)
"""The classes of the thesis."""
PERSONAL_SPREAD = 0.25
"""Standard deviation of a person's own features around the expression."""


@dataclass(frozen=True)
class Look:
    """The person and the photo: nothing here tells the class. Angles in degrees, lengths in face radii."""

    skin: tuple[int, int, int]
    hair: tuple[int, int, int]
    backdrop: tuple[int, int, int]
    face_width: float
    hair_style: int
    glasses: bool
    beard: bool
    occlusion: str
    occlusion_at: tuple[float, float]
    roll: float
    yaw: float
    scale: float
    shift: tuple[float, float]
    light_angle: float
    light_strength: float
    brightness: float
    blur: float
    noise: float
    jpeg_quality: int


@dataclass(frozen=True)
class Face:
    """One drawing; `number` seeds its noise."""

    label: str
    expression: Expression
    look: Look
    number: int


OCCLUSIONS = ("none", "none", "none", "hand", "scarf", "fringe", "bar")


def random_face(label: str, number: int, seed: int) -> Face:
    """The same arguments give the same face."""
    random = np.random.default_rng([seed, EMOTIONS.index(label), number])
    return Face(label, _expression(label, random), _look(random), number)


def _expression(label: str, random: np.random.Generator) -> Expression:
    intensity = random.uniform(0.35, 1.1)
    prototype = PROTOTYPES[label]
    return Expression(
        *(
            float(getattr(prototype, field.name) * intensity + random.normal(0, PERSONAL_SPREAD))
            for field in fields(Expression)
        )
    )


def _look(random: np.random.Generator) -> Look:
    tone = random.uniform(0.45, 1.0)
    return Look(
        skin=(int(245 * tone), int(200 * tone), int(170 * tone)),
        hair=_hair(random),
        backdrop=_colour(random, 60, 215),
        face_width=float(random.uniform(0.68, 0.9)),
        hair_style=int(random.integers(4)),
        glasses=bool(random.random() < 0.2),
        beard=bool(random.random() < 0.15),
        occlusion=str(random.choice(OCCLUSIONS)),
        occlusion_at=(float(random.uniform(-0.8, 0.8)), float(random.uniform(-0.2, 0.8))),
        roll=float(random.normal(0, 4)),
        yaw=float(random.normal(0, 0.05)),
        scale=float(random.uniform(0.9, 1.02)),
        shift=(float(random.normal(0, 0.02)), float(random.normal(0, 0.02))),
        light_angle=float(random.uniform(0, 360)),
        light_strength=float(random.uniform(0, 0.4)),
        brightness=float(random.uniform(0.75, 1.2)),
        blur=float(random.uniform(0, 1.6)),
        noise=float(random.uniform(2, 14)),
        jpeg_quality=int(random.integers(60, 96)),
    )


def _hair(random: np.random.Generator) -> tuple[int, int, int]:
    depth, warmth = random.uniform(0.15, 1.0), random.uniform(0.5, 1.0)
    return int(190 * depth), int(150 * depth * warmth), int(110 * depth * warmth**2)


def _colour(random: np.random.Generator, low: int, high: int) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in random.integers(low, high, 3))
    return red, green, blue
