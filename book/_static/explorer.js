// The explorer: a point to move, and what the Jacobian says of the map there. `{explorer}` of _ext/explorer.py places it.
// Its formulas are those of src/jacobians/; audit/test_explorer.py compares them.
(() => {
  const { sin, cos, sinh, cosh, abs, hypot, sqrt, log10, max, min, round, PI } = Math;

  // Each map: its name, f, its Jacobian row by row, and the part of the plane that is shown.
  const maps = {
    example: { name: "f(x, y) = (x² + y, y sin x)", f: (x, y) => [x ** 2 + y, sin(x) * y],
      J: (x, y) => [2 * x, 1, cos(x) * y, sin(x)], box: [-1, 3, 0, 4], at: [1.5, 2] },
    polar: { name: "(r, θ) ↦ (r cos θ, r sin θ)", f: (r, t) => [r * cos(t), r * sin(t)],
      J: (r, t) => [cos(t), 0 - r * sin(t), sin(t), r * cos(t)], box: [0, 2, 0, 2], at: [1, PI / 6] },
    elliptic: { name: "elliptic: (μ, ν) ↦ (cosh μ cos ν, sinh μ sin ν)", f: (m, n) => [cosh(m) * cos(n), sinh(m) * sin(n)],
      J: (m, n) => [sinh(m) * cos(n), 0 - cosh(m) * sin(n), cosh(m) * sin(n), sinh(m) * cos(n)], box: [-1.5, 1.5, 0, 3], at: [0.8, 0.7] },
    shear: { name: "shear: (x, y) ↦ (x + y, y)", f: (x, y) => [x + y, y],
      J: () => [1, 1, 0, 1], box: [-2, 2, -2, 2], at: [0.5, 0.5] },
    square: { name: "(x, y) ↦ (x² − y², 2xy)", f: (x, y) => [x * x - y * y, 2 * x * y],
      J: (x, y) => [2 * x, -2 * y, 2 * y, 2 * x], box: [-2, 2, -2, 2], at: [1, 0.5] },
    fold: { name: "fold: (x, y) ↦ (x², y)", f: (x, y) => [x * x, y],
      J: (x) => [2 * x, 0, 0, 1], box: [-2, 2, -2, 2], at: [0.8, 0.5] },
  };

  const det = ([a, b, c, d]) => a * d - b * c;
  function singular(J) { // the larger as the mean of two lengths; the smaller by the determinant, which loses no digits
    const [a, b, c, d] = J;
    const large = (hypot(a + d, c - b) + hypot(a - d, b + c)) / 2;
    return [large, large ? abs(det(J)) / large : 0];
  }
  function square(x, y, side, n = 24) { // its boundary, counter-clockwise
    const along = [...Array(n).keys()].map((i) => (side * i) / n);
    return [...along.map((s) => [x + s, y]), ...along.map((s) => [x + side, y + s]),
      ...along.map((s) => [x + side - s, y + side]), ...along.map((s) => [x, y + side - s])];
  }
  const area = (p) => p.reduce((sum, [x, y], i) => {
    const [u, v] = p[(i + 1) % p.length];
    return sum + (x - p[0][0]) * (v - p[0][1]) - (u - p[0][0]) * (y - p[0][1]);
  }, 0) / 2;
  function numerical(f, x, y, h) { // jacobian_numerical
    const columns = [[h, 0], [0, h]].map(([u, v]) => {
      const [plus, minus] = [f(x + u, y + v), f(x - u, y - v)];
      return plus.map((value, i) => (value - minus[i]) / (2 * h));
    });
    return [columns[0][0], columns[1][0], columns[0][1], columns[1][1]];
  }
  function forward(f, x, y, h) {
    const [at, right, up] = [f(x, y), f(x + h, y), f(x, y + h)];
    return [right[0] - at[0], up[0] - at[0], right[1] - at[1], up[1] - at[1]].map((change) => change / h);
  }
  function central4(f, x, y, h) {
    const wide = numerical(f, x, y, 2 * h);
    return numerical(f, x, y, h).map((entry, i) => (4 * entry - wide[i]) / 3);
  }
  // Im f(x + ih e_j) / h of the worked example: Im (x + ih)² = 2xh, Im sin(x + ih) = cos x sinh h.
  const complex = (f, x, y, h) => [2 * x, 1, (y * cos(x) * sinh(h)) / h, sin(x)];
  const formulas = { forward, central: numerical, central4, complex };
  const error = (map, x, y, h, formula = numerical) => {
    const J = map.J(x, y);
    return max(...formula(map.f, x, y, h).map((entry, i) => abs(entry - J[i])));
  };

  const SVG = "http://www.w3.org/2000/svg";
  const make = (parent, name, attributes = {}) => {
    const drawn = parent.namespaceURI === SVG || name === "svg";
    const node = drawn ? document.createElementNS(SVG, name) : document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => (key === "text" ? (node.textContent = value) : node.setAttribute(key, value)));
    return parent.appendChild(node);
  };
  const show = (value) => (abs(value) < 5e-5 ? "0" : abs(value) >= 1e4 || abs(value) < 1e-3 ? value.toExponential(2) : value.toFixed(4)).replace("-", "−");
  const power = (e) => `10${[...`${e}`].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("")}`;
  const [SIZE, LOW, SPAN] = [300, 0.6, [-15.5, 0.5]]; // the curve's plane is lower than wide; its powers of ten

  class Explorer extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return; // it has moved to its figure
      const figure = document.getElementById(this.getAttribute("figure"));
      const still = figure.querySelector("svg.figure, img");
      this.attachShadow({ mode: "open" });
      make(this.shadowRoot, "style", { text: STYLE });
      this.step = this.getAttribute("kind") === "step";
      this.controls();
      still.parentNode.insertBefore(this, still);
      still.style.display = "none";
      this.choose(this.getAttribute("map") || "example");
    }

    controls() {
      const form = make(this.shadowRoot, "div", { class: "controls" });
      const label = (text) => make(form, "label", { text });
      const choices = this.step ? Object.keys(formulas).map((name) => [name, { name }]) : Object.entries(maps);
      this.select = make(label(this.step ? "Formula " : "Map "), "select");
      choices.forEach(([value, { name }]) => make(this.select, "option", { value, text: name }));
      if (this.step) this.select.value = "central";
      this.select.addEventListener("change", () => (this.step ? this.draw() : this.choose(this.select.value)));
      this.range = make(label(this.step ? "Step h " : "Side of the square "), "input",
        { type: "range", min: this.step ? -15 : -3, max: this.step ? 0 : -0.3, step: 0.1, value: this.step ? -5 : -0.5 });
      this.range.addEventListener("input", () => this.draw());
      const planes = make(this.shadowRoot, "div", { class: "planes" });
      this.planes = (this.step ? ["error over h, both in powers of ten; drag along the curve"] : ["inputs: drag the point", "outputs: the image of the square; dashed, the parallelogram of J"]).map((name) => {
        const box = make(planes, "div");
        make(box, "p", { text: name });
        return make(box, "svg", { viewBox: `0 0 ${SIZE} ${SIZE * (this.step ? LOW : 1)}`, "aria-hidden": "true" });
      });
      if (this.step) this.slide(this.planes[0]); else this.grab(this.planes[0]);
      this.said = make(this.shadowRoot, "output", { "aria-live": "polite" });
    }

    choose(name) {
      this.map = maps[name];
      if (!this.step) this.select.value = name;
      const at = this.getAttribute("at");
      this.point = at && name === (this.getAttribute("map") || "example") ? at.split(" ").map(Number) : [...this.map.at];
      this.draw();
    }

    grab(svg) { // mouse, finger and pen drag the point; the arrow keys move it, with Shift in small steps
      Object.entries({ tabindex: 0, role: "application", "aria-label": "The point: move it with the arrow keys, Shift for small steps" })
        .forEach(([key, value]) => svg.setAttribute(key, value));
      svg.removeAttribute("aria-hidden");
      const to = (event) => {
        const [box, [left, right, low, high]] = [svg.getBoundingClientRect(), this.map.box];
        this.move(left + ((event.clientX - box.left) / box.width) * (right - left), high - ((event.clientY - box.top) / box.height) * (high - low));
      };
      svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); to(event); });
      svg.addEventListener("pointermove", (event) => event.buttons && to(event));
      svg.addEventListener("keydown", (event) => {
        const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
        if (!way) return;
        event.preventDefault();
        const by = ((this.map.box[1] - this.map.box[0]) / 40) * (event.shiftKey ? 0.1 : 1);
        this.move(this.point[0] + way[0] * by, this.point[1] + way[1] * by);
      });
    }

    slide(svg) { // mouse, finger and pen set the step on the curve too; keys do it on the slider
      const to = (event) => {
        const box = svg.getBoundingClientRect();
        this.range.value = SPAN[0] + ((event.clientX - box.left) / box.width) * (SPAN[1] - SPAN[0]);
        this.draw();
      };
      svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); to(event); });
      svg.addEventListener("pointermove", (event) => event.buttons && to(event));
    }

    move(x, y) {
      const [left, right, low, high] = this.map.box;
      this.point = [min(right, max(left, x)), min(high, max(low, y))];
      this.draw();
    }

    draw() {
      this.planes.forEach((plane) => plane.replaceChildren());
      const size = 10 ** this.range.value;
      this.range.setAttribute("aria-valuetext", show(size));
      if (this.step) this.drawSteps(size); else this.drawPlanes(size);
    }

    drawPlanes(side) {
      const [[x, y], { f, J: jacobian, box }] = [this.point, this.map];
      const [J, at] = [jacobian(x, y), f(x, y)];
      const edge = square(x, y, side);
      const image = edge.map((p) => f(...p));
      const linear = [[0, 0], [side, 0], [side, side], [0, side]].map(([u, v]) => [at[0] + J[0] * u + J[1] * v, at[1] + J[2] * u + J[3] * v]);
      const reach = 1.6 * max(...[...image, ...linear].map(([u, v]) => max(abs(u - at[0]), abs(v - at[1]))), 1e-6);
      const window = [at[0] - reach, at[0] + reach, at[1] - reach, at[1] + reach];
      const lines = grid(box, side);
      this.lines(0, box, lines, "grid");
      this.lines(1, window, lines.map((line) => line.map((p) => f(...p))), "grid");
      this.lines(0, box, [[...edge, edge[0]]], "image");
      this.lines(1, window, [[...image, image[0]]], "image");
      this.lines(1, window, [[...linear, linear[0]]], "linear");
      [[0, box, x, y], [1, window, ...at]].forEach(([i, view, u, v]) => {
        const [cx, cy] = place(view, u, v);
        make(this.planes[i], "circle", { cx, cy, r: i ? 4 : 8, class: "point" });
      });
      const [large, small] = singular(J);
      this.values = { J, det: det(J), ratio: area(image) / side ** 2, singular: [large, small] };
      this.say([["point", `(${show(x)}, ${show(y)})`], ["value", `(${at.map(show).join(", ")})`],
        ["J", `[${show(J[0])}, ${show(J[1])}; ${show(J[2])}, ${show(J[3])}]`], ["det J", show(det(J))],
        ["area of the image / area of the square", show(this.values.ratio)], ["singular values", `${show(large)}, ${show(small)}`]]);
    }

    drawSteps(h) {
      const [[x, y], steps, chosen] = [this.point, [...Array(76).keys()].map((i) => -15 + i / 5), this.select.value];
      const spot = (log, formula) => [log, log10(max(error(this.map, x, y, 10 ** log, formula), 1e-17))];
      const box = [...SPAN, -17.3, 1];
      [-15, -12, -9, -6, -3, 0].forEach((e) => {
        this.lines(0, box, [[[SPAN[0], e], [SPAN[1], e]], [[e, box[2]], [e, 1]]], "grid");
      });
      Object.entries(formulas).filter(([name]) => name !== chosen)
        .forEach(([, formula]) => this.lines(0, box, [steps.map((log) => spot(log, formula))], "other"));
      this.lines(0, box, [steps.map((log) => spot(log, formulas[chosen]))], "image open");
      [-15, -12, -9, -6, -3, 0].forEach((e) => { // over the lines, each on its own
        const [across, down] = place(box, e, e);
        make(this.planes[0], "text", { x: 2, y: down * LOW, "dominant-baseline": "central", text: power(e) });
        if (e) make(this.planes[0], "text", { x: max(across, 17), y: SIZE * LOW - 3, "text-anchor": "middle", text: power(e) });
      });
      const [cx, cy] = place(box, ...spot(log10(h), formulas[chosen]));
      make(this.planes[0], "circle", { cx, cy: cy * LOW, r: 4, class: "point" });
      this.values = { h, error: error(this.map, x, y, h, formulas[chosen]) };
      this.say([["h", h.toExponential(1)], [`largest error of J, ${chosen}`, this.values.error.toExponential(2)]]
        .map(([name, value]) => [name, value.replace("-", "−")]));
    }

    lines(i, box, lines, kind) {
      const squeeze = this.step ? LOW : 1;
      lines.forEach((line) => make(this.planes[i], "polyline", { class: kind,
        points: line.map((p) => place(box, ...p)).map(([u, v]) => `${round(u * 10) / 10},${round(v * squeeze * 10) / 10}`).join(" ") }));
    }

    say(pairs) {
      this.said.replaceChildren();
      pairs.forEach(([name, value]) => make(make(this.said, "span", { text: `${name} ` }), "b", { text: value }));
    }
  }

  const place = ([left, right, low, high], x, y) => [((x - left) / (right - left)) * SIZE, ((high - y) / (high - low)) * SIZE];
  function grid([left, right, low, high], side) {
    const [n, fine] = [16, [...Array(65).keys()]];
    return [...Array(n + 1).keys()].flatMap((i) => [
      fine.map((j) => [left + ((right - left) * i) / n, low + ((high - low) * j) / 64]),
      fine.map((j) => [left + ((right - left) * j) / 64, low + ((high - low) * i) / n])]);
  }

  const STYLE = `
    :host { display: block; container-type: inline-size; font: 0.9rem var(--font-stack, sans-serif); color: var(--color-foreground-primary, CanvasText); }
    .controls, output { display: flex; flex-wrap: wrap; gap: 0.4rem 1.4rem; align-items: center; text-align: left; }
    select, input { font: inherit; accent-color: #3b7dc4; min-height: 1.75rem; max-width: 100%; min-width: 0; flex: 0 1 auto; text-overflow: ellipsis; }
    .planes { display: flex; flex-wrap: wrap; gap: 1rem; align-items: end; }
    .planes > div { flex: 1 1 15rem; }
    p { margin: 0.5rem 0 0.2rem; }
    label { display: flex; gap: 0.4rem; align-items: center; max-width: 100%; }
    svg { width: 100%; display: block; touch-action: pan-y; border: 1px solid; overflow: hidden; box-sizing: border-box; }
    svg[tabindex] { cursor: crosshair; touch-action: none; }
    :focus-visible { outline: 3px solid var(--color-brand-primary, Highlight); outline-offset: 2px; }
    polyline { fill: none; stroke: currentColor; vector-effect: non-scaling-stroke; }
    .grid { stroke-width: 0.6; opacity: 0.45; }
    .image { stroke: #3b7dc4; stroke-width: 2.4; fill: #3b7dc433; }
    .open { fill: none; }
    .other { stroke-width: 1; opacity: 0.7; }
    .linear { stroke: #d0661b; stroke-width: 2.4; stroke-dasharray: 6 4; }
    text { font-size: 7px; fill: currentColor; stroke: var(--color-background-primary, Canvas); stroke-width: 0.4em; stroke-linejoin: round; paint-order: stroke; }
    @container (max-width: 30rem) { text { font-size: 12px; } }
    .point { fill: currentColor; }
    output { margin: 0.6rem 0; font-variant-numeric: tabular-nums; }
    b { font-weight: 600; }
    @media (forced-colors: active) { .image { stroke: Highlight; } .linear { stroke: LinkText; } }`;

  globalThis.jacobianExplorer = { maps, det, singular, square, area, numerical, formulas, error };
  customElements.define("jacobian-explorer", Explorer);
})();
