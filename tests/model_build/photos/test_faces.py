"""What the drawn faces of a class have in common, and what they have not."""

import numpy as np

from model_build.photos import face_drawing, faces
from model_build.photos.faces import EMOTIONS


def test_a_drawn_face_depends_on_its_seed_alone() -> None:
    first, again, other = (faces.random_face("happy", 3, seed) for seed in (1, 1, 2))
    assert face_drawing.encode(first, "PNG") == face_drawing.encode(again, "PNG")
    assert face_drawing.encode(first, "PNG") != face_drawing.encode(other, "PNG")


def test_the_classes_differ_by_expression_and_by_nothing_else() -> None:
    """Were the look drawn from the class, a network could learn hair colours."""
    looks = [[faces.random_face(label, n, 5).look for n in range(200)] for label in EMOTIONS]
    hats = [np.mean([look.occlusion == "fringe" for look in of_class]) for of_class in looks]
    assert max(hats) - min(hats) < 0.15
    smiles = [
        np.mean([faces.random_face(label, n, 5).expression.smile for n in range(200)]) for label in EMOTIONS
    ]
    assert smiles[EMOTIONS.index("happy")] > 0.4 > -0.2 > smiles[EMOTIONS.index("sad")]
