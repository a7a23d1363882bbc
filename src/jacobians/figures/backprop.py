"""Figures of book/backprop.md."""

import numpy as np
from matplotlib.figure import Figure

from jacobians.figures.picture import BLUE, INK, ORANGE, Picture, canvas, styled
from jacobians.orders import fewest, from_left, from_right

WIDTH, SIZES = 64, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]


@styled
def product_orders():
    """Multiplications from the left, from the right and in the best order, over the outputs and over a waist."""
    figure, (ends, waists) = canvas(7.2, 3.5, columns=2, sharey=True)
    chains = {
        ends: [(WIDTH, WIDTH, WIDTH, WIDTH, n) for n in SIZES],
        waists: [(WIDTH, WIDTH, n, WIDTH, WIDTH) for n in SIZES],
    }
    for ax, sizes in chains.items():
        ax.plot(SIZES, [fewest(s)[0] for s in sizes], "-", color=INK, linewidth=5, alpha=0.45, label="fewest")
        ax.plot(SIZES, list(map(from_left, sizes)), "-o", color=BLUE, markersize=3, label="from the left (VJP)")
        ax.plot(SIZES, list(map(from_right, sizes)), "--s", color=ORANGE, markersize=3, label="from the right (JVP)")
        ax.axvline(WIDTH, color=INK, linewidth=0.6)
        ax.set(xscale="log", yscale="log")
    ends.set(xlabel="m outputs, for 64 inputs", ylabel="multiplications", title="64–64–64–64–m")
    waists.set(xlabel="w numbers at the waist", title="64–64–w–64–64")
    figure.legend(*ends.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    alt = """Two panels with logarithmic axes and three lines each. Left, over the number m of outputs: the line from
        the left climbs with slope 1, the line from the right is level at first and climbs later, they cross at m = 64,
        and the fewest follow the lower of the two. Right, over the width w of the waist: the two lines are one, level
        while w is small; the fewest touch them at w = 64 alone, and lie ever further below as w falls."""
    return Picture(figure, "product-orders", alt)


def smooth(losses, epochs):
    """The mean of the losses over each epoch."""
    return [part.mean() for part in np.array_split(losses, epochs)]


@styled
def training_curve(run):
    """The loss and the errors of a `Training`, epoch by epoch."""
    figure, (losses, errors) = canvas(7.2, 3.2, columns=2)
    epochs = np.arange(1, len(run.accuracies) + 1)
    losses.semilogy(epochs, smooth(run.losses, len(epochs)), "-", color=BLUE, label="while learning")
    losses.semilogy(epochs, run.held_losses, "--", color=ORANGE, label="held out")
    losses.set(xlabel="epoch", title="mean loss")
    losses.legend()
    errors.plot(epochs, 100 * (1 - run.accuracies), "--", color=ORANGE)
    errors.axhline(3, color=INK, linewidth=0.8)
    errors.annotate("3 %", (epochs[-1], 3), xytext=(0, 3), textcoords="offset points", ha="right")
    errors.set(xlabel="epoch", title="held-out digits wrong, in %", ylim=(0, 30))
    alt = f"""Two panels over {len(epochs)} epochs. Left, the mean loss on a logarithmic axis: that of the images learnt
        from falls fast and then steadily, that of the images held out follows with a spike at the second epoch and then
        stays level above it. Right, the part of the held-out digits that is wrong, which begins near
        {100 * (1 - run.accuracies[0]):.0f} per cent, spikes once, falls below the line at 3 per cent and ends at
        {100 * (1 - run.accuracies[-1]):.1f}."""
    return Picture(figure, "training-curve", alt)


@styled
def forgotten_transpose(right, wrong):
    """The mean loss of two `Training`, with the right gradients and with a transpose forgotten."""
    figure, ax = canvas(6.4, 3.0)
    for run, name, line, colour in [(right, "right", "-", BLUE), (wrong, "transpose forgotten", "--", ORANGE)]:
        epochs = np.arange(1, len(run.accuracies) + 1)
        ax.semilogy(epochs, smooth(run.losses, len(epochs)), line, color=colour, label=name)
    ax.set(xlabel="epoch", ylabel="mean loss while learning")
    ax.legend(loc="lower left")  # in sight where the figure must scroll
    ends = np.divide(*[smooth(run.losses, len(run.accuracies))[-1] for run in (wrong, right)])
    alt = f"""Two lines over the epochs on a logarithmic axis, the mean loss while learning. Both fall fast at
        first and then more slowly, with few bumps, and neither jumps or stops. The line of the network with the
        forgotten transpose stays above the other from the first epoch, and ends {ends:.0f} times as high."""
    return Picture(figure, "forgotten-transpose", alt)


@styled
def wrong_digits(run, data):
    """The held-out digits that a `Training` gets wrong, each over its ten probabilities."""
    p = run.probabilities(data.held_images)
    wrong = np.flatnonzero(p.argmax(axis=1) != data.held_labels)[:6]
    figure = Figure(figsize=(7.6, 3.2))
    for i, (image, bars) in zip(wrong, figure.subplots(2, len(wrong), sharey="row").T, strict=True):
        image.imshow(data.held_images[i].reshape(8, 8), cmap="Greys", vmin=0, vmax=1)
        image.set(xticks=[], yticks=[], title=f"{data.held_labels[i]}, read as {p[i].argmax()}")
        image.spines[:].set_visible(True)
        colours = [BLUE if k == data.held_labels[i] else ORANGE for k in range(10)]
        bars.bar(range(10), p[i], color=colours, width=0.7)
        bars.set(xticks=range(10), ylim=(0, 1), yticks=[0, 0.5, 1])
        bars.tick_params(axis="x", labelsize=7, length=0)
    figure.axes[len(wrong)].set_ylabel("probability")
    read = ", ".join(f"{data.held_labels[i]} read as {p[i].argmax()}" for i in wrong)
    alt = f"""{len(wrong)} images of 8 by 8 grey pixels in a row, each over a bar chart of ten probabilities, one a
        digit; the bar of the true digit has a colour of its own. From left to right: {read}. In each chart the tallest
        bar is that of another digit than the true one, and holds more than half."""
    return Picture(figure, "wrong-digits", alt)
