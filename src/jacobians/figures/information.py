"""Figures of book/information.md."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from jacobians.figures.picture import BLUE, INK, ORANGE, Picture, arrow, canvas, styled
from jacobians.information import misplaced, take_apart

LOOKS = [("o", BLUE), ("^", ORANGE), ("s", "#8a8a8a")]
SIGNS = LinearSegmentedColormap.from_list(
    "signs", ["#2a5f99", "#8e8e8e", "#f6c08a"]
)  # dark to light: grey tells the sign


@styled
def singular_ellipse(J):
    """The unit circle with the tangents t₁ and t₂, and its image under J, an ellipse with the half axes σ₁ and σ₂."""
    figure, panels = canvas(7.6, 2.7, columns=2, sharex=True, sharey=True, subplot_kw={"aspect": "equal"})
    parts, around = take_apart(J), np.linspace(0, 2 * np.pi, 201)
    circle = np.array([np.cos(around), np.sin(around)])
    signs = np.where(parts.tangents[:, 0] < 0, -1.0, 1.0)
    tangents = signs[:, None] * parts.tangents
    images = tangents @ np.asarray(J).T
    for ax, curve, arrows, names, colour in [
        (panels[0], circle, tangents, ["t₁", "t₂"], BLUE),
        (panels[1], J @ circle, images, ["σ₁ v₁", "σ₂ v₂"], ORANGE),
    ]:
        ax.fill(*curve, facecolor=colour, alpha=0.2, edgecolor="none")
        ax.plot(*curve, color=colour, linestyle={BLUE: "-", ORANGE: "--"}[colour])
        for tip, name in zip(arrows, names, strict=True):
            arrow(ax, (0, 0), tip)
            ax.annotate(name, tip, xytext=12 * tip / np.linalg.norm(tip), textcoords="offset points", ha="center",
                        va="center")  # fmt: skip
        ax.margins(0.2, 0.35)
        ax.tick_params(labelleft=True)
    panels[0].set(title="tangents of length 1", xlabel="first input", ylabel="second input")
    panels[1].set(title="their images Jt", xlabel="first output", ylabel="second output")
    alt = f"""Left, in the plane of the inputs, the unit circle with two arrows at right angles, t1 and t2. Right, in
        the plane of the outputs and to the same scale, its image: an ellipse whose half axes, again at right angles,
        are the images of the two arrows. The long one has the length {parts.sigma[0]:.2f}, the short one
        {parts.sigma[1]:.2f}."""
    return Picture(figure, "singular-ellipse", alt)


@styled
def cluster_maps(panels, groups):
    """Points with the clusters found among them, (title, points, clusters) a panel; misplaced points have a ring."""
    widths = [np.ptp(points[:, 0]) / np.ptp(points[:, 1]) for _, points, _ in panels]
    figure, axes = canvas(7.8, 2.8, columns=len(panels), width_ratios=np.clip(widths, 0.9, 2.4))
    wrong = [misplaced(clusters, groups) for _, _, clusters in panels]
    for ax, (title, points, clusters), off in zip(axes, panels, wrong, strict=True):
        order = np.argsort([np.mean(groups[clusters == c]) for c in range(len(LOOKS))])
        for c, (mark, colour) in zip(order, LOOKS, strict=True):
            ax.plot(*points[clusters == c].T, mark, color=colour, markersize=2.6, markeredgewidth=0)
        ax.plot(*points[off].T, "o", markerfacecolor="none", color=INK, markersize=4.5, markeredgewidth=0.6)
        ax.set(title=f"{title}\n{off.sum()} misplaced", xlabel="first coordinate", aspect="equal")
    axes[0].set_ylabel("second coordinate")
    counts = ", ".join(f"{title}, {off.sum()}" for (title, _, _), off in zip(panels, wrong, strict=True))
    alt = f"""{len(panels)} panels with the same {len(groups)} points, marked as circles, triangles and squares by the
        cluster that k-means found for them; a ring marks a point that is not with its own group. Before, three round
        heaps; after the shear, three long, slanted and overlapping bands, which the clusters cut across; whitened,
        three heaps again. Ringed points: {counts}."""
    return Picture(figure, "cluster-maps", alt)


def _digit(ax, image, title, **look):
    """An image of 8 × 8 pixels, ink dark."""
    ax.imshow(image.reshape(8, 8), **({"cmap": "gray_r", "vmin": 0, "vmax": 1, "interpolation": "none"} | look))
    ax.set(title=title, xticks=[], yticks=[])
    ax.spines[:].set(linewidth=0.3)


@styled
def score_rows(image, J):
    """The rows of a digit classifier's Jacobian, one for each score, as images, beside the digit."""
    figure, axes = canvas(7.4, 2.9)
    axes.remove()
    panels = figure.subplots(2, 6)
    most = np.abs(J).max()
    _digit(panels[0, 0], image, "x")
    panels[1, 0].axis("off")
    for digit, (ax, row) in enumerate(zip(panels[:, 1:].flat, J, strict=True)):
        _digit(ax, row, f"score of {digit}", cmap=SIGNS, vmin=-most, vmax=most)
        strong = np.argwhere(np.abs(row.reshape(8, 8)) > most / 2)
        for i, j in strong:
            mark, colour = ("+", "#010101") if row[8 * i + j] > 0 else ("−", "white")  # on light, on dark
            ax.text(j, i, mark, color=colour, ha="center", va="center", fontsize=7)
    figure.colorbar(panels[0, 1].images[0], ax=panels, label="change per unit of ink", shrink=0.9)
    alt = f"""A handwritten digit of 8 by 8 pixels, and ten images of that size, one for each score, from 0 to 9. Each
        shows one row of the Jacobian: light where ink raises the score, dark where ink lowers it, grey where it does
        neither; the colour bar goes from {-most:.1f} to {most:.1f}. Plus and minus mark the strongest pixels."""
    return Picture(figure, "score-rows", alt)


@styled
def singular_spectrum(scores, probabilities):
    """The singular values of the Jacobian of the scores and of that of the probabilities, over many digits."""
    figure, panels = canvas(7.2, 3.2, columns=2)
    for ax, values, title, colour in [
        (panels[0], scores, "of the scores", BLUE),
        (panels[1], probabilities, "of the probabilities", ORANGE),
    ]:
        low, middle, high = np.quantile(np.maximum(values, 1e-20), [0.05, 0.5, 0.95], axis=0)
        i = np.arange(1, values.shape[1] + 1)
        ax.vlines(i, low, high, color=colour, linewidth=5, alpha=0.65)
        ax.plot(i, middle, {BLUE: "o", ORANGE: "s"}[colour], color=colour, markersize=5)
        ax.set(title=title, xlabel="i", xticks=i)
    panels[0].set(ylabel="singular value σᵢ", ylim=(0, None), yticks=[0, 5, 10, 15, 20])
    panels[1].set(yscale="log", yticks=[1e-20, 1e-15, 1e-10, 1e-5, 1])
    alt = f"""Two panels over i from 1 to {scores.shape[1]}, with a dot for the median singular value of {len(scores)}
        digits and a bar that holds nine tenths of them. Left, for the scores, on a straight axis: they fall steadily
        and stay above 0. Right, for the probabilities, on a logarithmic axis: long bars over
        many powers of ten, and the tenth no more than rounding."""
    return Picture(figure, "singular-spectrum", alt)


@styled
def moved_digit(images, answers):
    """Digits side by side under their names, the classifier's answer under each; dots mark pixels out of range."""
    figure, panels = canvas(7.4, 2.0, columns=len(images))
    for ax, (name, image), answer in zip(panels, images.items(), answers, strict=True):
        _digit(ax, image, name)
        out = np.argwhere((image.reshape(8, 8) < -1e-9) | (image.reshape(8, 8) > 1 + 1e-9))
        ax.plot(out[:, 1], out[:, 0], "o", color=ORANGE, markersize=3)
        ax.set_xlabel(f"answer: {answer}", fontsize=10)
    named = ", ".join(f"{name}, {answer}" for name, answer in zip(images, answers, strict=True))
    alt = f"""{len(images)} images of 8 by 8 pixels in a row: a handwritten digit, three images made from it, and
        another digit. Under each stands what the classifier answers: {named}. The second and the third lie between the
        two digits; small dots mark their pixels that are no ink, below 0 or above 1. The fourth has none."""
    return Picture(figure, "moved-digit", alt)
