"""Figures of book/vjp.md."""

from jacobians.figures.picture import BLUE, INK, ORANGE, Picture, canvas, styled


@styled
def relu_cost(costs):
    """Time and memory of the explicit product and of the VJP over n, both axes logarithmic."""
    figure, panels = canvas(columns=2)
    for ax, what in zip(panels, ["seconds", "bytes"], strict=True):
        for rows, colour, mark, power, label in [
            (costs.explicit, ORANGE, "s", 2, "explicit Jᵀv"),
            (costs.vjp, BLUE, "o", 1, "VJP"),
        ]:
            ax.loglog([c.n for c in rows], [getattr(c, what) for c in rows], mark + "-", color=colour, label=label)
            end = rows[-1]
            guide = [(n, getattr(end, what) * 0.2 * (n / end.n) ** power) for n in (end.n / 100, end.n / 10, end.n)]
            ax.loglog(*zip(*guide, strict=True), ":", color=INK, linewidth=1)
            ax.annotate(f"slope {power}", guide[1], xytext=(8, -8), textcoords="offset points")
        ax.set(title=f"{what} a product", xlabel="n", ylabel=what)
    panels[0].legend(loc="upper left")
    alt = f"""Two log-log panels over n, one of time and one of memory. In both, the explicit product with the
        n by n matrix, drawn to n = {costs.explicit[-1].n:,}, climbs along a dotted guide of slope 2; the
        vector-Jacobian product, drawn to n = {costs.vjp[-1].n:,}, lies below it and climbs along a guide of slope 1."""
    return Picture(figure, "relu-cost", alt)
