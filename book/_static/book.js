// Copying: code without prompts and output, formulas as LaTeX. The page reads as well without this file.

const latex = (math) => math.querySelector("annotation")?.textContent ?? math.textContent;

function code(pre) {
  const copy = pre.cloneNode(true);
  copy.querySelectorAll(".gp, .go, .gt, .linenos").forEach((part) => part.remove());
  return copy.textContent.replace(/\n{2,}(?=\S)/g, pre.querySelector(".gp") ? "\n" : "$&").trim() + "\n";
}

function addButton(home, label, text) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = label;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
    setTimeout(() => (button.textContent = label), 2000);
  });
  home.append(button);
}

// A button comes with the code or the formula, shortly before it is in view.
const near = new IntersectionObserver((seen) => {
  seen.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
    near.unobserve(target);
    const pre = target.querySelector("pre");
    if (pre) addButton(target, "Copy", () => code(pre));
    else addButton(target, "Copy LaTeX", () => latex(target.querySelector("math")));
  });
}, { rootMargin: "100%" });
document.querySelectorAll("div.math, div.highlight:has(pre)").forEach((home) => home.closest(".cell_output") || near.observe(home));

// A selection with formulas in it is copied with their LaTeX.
document.addEventListener("copy", (event) => {
  const selection = getSelection();
  if (selection.isCollapsed) return;
  const range = selection.getRangeAt(0).cloneRange();
  const math = (node) => (node.nodeType === 1 ? node : node.parentElement).closest("math");
  if (math(range.startContainer)) range.setStartBefore(math(range.startContainer));
  if (math(range.endContainer)) range.setEndAfter(math(range.endContainer));
  const box = document.createElement("div");
  box.append(range.cloneContents());
  if (!box.querySelector("math")) return;
  box.querySelectorAll("math").forEach((m) => m.replaceWith(m.closest("div.math") ? `$$${latex(m)}$$` : `$${latex(m)}$`));
  box.querySelectorAll("button").forEach((button) => button.remove());
  document.body.append(box); // innerText knows line breaks only of what is laid out
  event.clipboardData.setData("text/plain", box.innerText);
  box.remove();
  event.preventDefault();
});

// What scrolls sideways can be reached and scrolled by keyboard.
const sizes = new ResizeObserver((seen) => {
  const wide = seen.map(({ target }) => target.scrollWidth > target.clientWidth); // all are measured before any is changed
  seen.forEach(({ target }, i) => {
    if (wide[i]) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  });
});
document.querySelectorAll("pre, div.formula, .table-wrapper, div.cell_output figure .output").forEach((box) => sizes.observe(box));

// Search from disk: a page may not read its neighbours there, so results come without excerpts.
if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// A term of the index has an empty anchor, of which Sphinx makes no excerpt, and then appends that: the page's text serves.
if (typeof Search !== "undefined") {
  const excerpt = Search.makeSearchSummary, parse = Search._parseQuery;
  Search.makeSearchSummary = (page, words, anchor) => excerpt(page, words, anchor) ?? excerpt(page, words) ?? new Text();

  // Who comes from a search finds its words marked. They go along in the address: Sphinx leaves them in a storage, which
  // another page may read before they have arrived, or after another search.
  Search._parseQuery = (query) => {
    const parsed = parse(query);
    localStorage.removeItem("sphinx_highlight_terms");
    const search = new URLSearchParams({ highlight: [...parsed[3]].join(" ") });
    for (const act of ["pointerdown", "click"]) {
      document.getElementById("search-results").addEventListener(act, ({ target }) => {
        if (target.closest("a")) target.closest("a").search = search;
      });
    }
    return parsed;
  };
}

// A slash leads to the search.
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select")) return;
  document.querySelector("input[name=q]")?.focus();
  event.preventDefault();
});

// Nobody but who comes from a search needs the scripts that mark words.
if (new URLSearchParams(location.search).has("highlight")) {
  for (const name of ["documentation_options.js", "doctools.js", "sphinx_highlight.js"]) {
    const src = new URL(name, document.currentScript.src);
    document.head.append(Object.assign(document.createElement("script"), { src, async: false }));
  }
  addEventListener("click", (event) => {
    if (!event.target.closest(".highlight-link a")) return;
    event.preventDefault(); // the link is a script, which the page's policy forbids
    SphinxHighlight.hideSearchWords();
  });
}

// The theme opens its drawers by mouse alone; here the keyboard does it too.
document.querySelectorAll(".nav-overlay-icon, .toc-overlay-icon").forEach((label) => {
  const icon = label.firstElementChild;
  icon.tabIndex = 0;
  icon.setAttribute("role", "button");
  icon.setAttribute("aria-label", document.getElementById(label.htmlFor).getAttribute("aria-label"));
  icon.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    label.click();
  });
});

// An explorer is loaded when the figure whose place it takes comes into view.
const explorers = document.querySelectorAll("jacobian-explorer");
const source = new URL("explorer.js", document.currentScript.src);
const watch = new IntersectionObserver((seen) => {
  if (!seen.some((entry) => entry.isIntersecting)) return;
  watch.disconnect();
  document.head.append(Object.assign(document.createElement("script"), { src: source }));
}, { rootMargin: "300px" });
explorers.forEach((explorer) => watch.observe(document.getElementById(explorer.getAttribute("figure"))));

// A solution is opened when its address is followed.
function unfold() {
  document.getElementById(location.hash.slice(1))?.querySelector(":scope > details")?.setAttribute("open", "");
}
addEventListener("hashchange", unfold);
unfold();
