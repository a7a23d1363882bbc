"""Handwritten digits, which scikit-learn ships: 1797 images of 8 × 8 pixels. Serves the chapters that learn."""

from typing import NamedTuple

import numpy as np

from jacobians.inputs import as_count


class Digits(NamedTuple):
    """Images and labels to learn from, and others that are held out.

    Args:
        images: shape (n, 64), the 8 × 8 pixels row by row, from 0 for paper to 1 for ink.
        labels: the digits that they show, integers from 0 to 9, shape (n,).
        held_images, held_labels: the same of the digits held out.
    """

    images: np.ndarray
    labels: np.ndarray
    held_images: np.ndarray
    held_labels: np.ndarray


def digits(held_out=360, seed=237):
    """The digits in a random order, the last ``held_out`` of them held out.

    Args:
        held_out: how many, from 1 to 1796.
        seed: of the order; None leaves the digits as they stand in the file.

    Returns:
        `Digits`, with 1797 − held_out images to learn from.

    Raises:
        ModuleNotFoundError: scikit-learn is not installed.
        TypeError, ValueError: ``held_out`` is no such number.

    Source: E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository,
    1998, CC BY 4.0; the part that scikit-learn ships.

    >>> [a.shape for a in digits()]
    [(1437, 64), (1437,), (360, 64), (360,)]
    """
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError as error:
        message = "the digits come with scikit-learn, which is not installed: pip install scikit-learn"
        raise ModuleNotFoundError(message, name="sklearn") from error
    images, labels = load_digits(return_X_y=True)
    if not as_count(held_out, "held_out") < len(labels):
        raise ValueError(f"held_out must be from 1 to {len(labels) - 1}; got {held_out}")
    order = np.arange(len(labels)) if seed is None else np.random.default_rng(seed).permutation(len(labels))
    seen, held = np.split(order, [len(labels) - held_out])
    return Digits(images[seen] / 16, labels[seen], images[held] / 16, labels[held])
