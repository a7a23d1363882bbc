"""Figures of book/scale.md."""

from math import isqrt

from jacobians.figures.picture import BLUE, ORANGE, Picture, canvas, styled


@styled
def plate(u, products):
    """The solution of Bratu's problem over the square, and the products of a Newton step over the points of a side."""
    figure, (square, counts) = canvas(7.4, 3.3, columns=2)
    k = isqrt(len(u))
    every = max(1, k // 60)
    edge = [(i + 1) / (k + 1) for i in range(0, k, every)]
    heat = square.contourf(edge, edge, u.reshape(k, k)[::every, ::every], levels=8, cmap="viridis")
    heat.set_edgecolor("face")  # no hairlines between the levels
    square.set(aspect="equal", xlabel="first coordinate", ylabel="second coordinate", title=f"u at {k * k:,} points")
    figure.colorbar(heat, ax=square, label="u")
    sides, without, within = zip(*products, strict=True)
    counts.plot(sides, without, "s--", color=ORANGE, label="GMRES alone")
    counts.plot(sides, within, "o-", color=BLUE, label="with a Poisson solver")
    counts.set(
        xlabel="points along a side",
        ylabel="products Jt in the first step",
        ylim=(0, None),
        title="the price of a step",
    )
    counts.legend(loc="upper left")
    alt = f"""Left, the unit square coloured by the solution, whose level lines are closed curves around the middle,
        where it is largest, and which is zero on the edge. Right, the products in the first Newton step over the points
        along a side, from {sides[0]} to {sides[-1]}: GMRES alone rises in a straight line from {without[0]} to
        {without[-1]}; with a Poisson solver the line is flat, at {within[-1]}."""
    return Picture(figure, "plate", alt)
