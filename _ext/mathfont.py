"""The part of STIX Two Math that this book ships, so that every reader sees the formulas as they were looked at.

``make font`` makes it. A formula may use any character of `CHARACTERS`; a test holds every formula to that.
"""

import sys
from importlib.metadata import distribution
from pathlib import Path

FONT = Path(__file__).parents[1] / "book/_static/stix-two-math.woff2"


def ranges(text):
    """The code points of a list such as ``"20-7e 2032"``.

    >>> sorted(ranges("41-43 2032"))
    [65, 66, 67, 8242]
    """
    ends = ([int(end, 16) for end in part.split("-")] for part in text.split())
    return {code for span in ends for code in range(span[0], span[-1] + 1)}


CHARACTERS = ranges(
    "20-7e a0 ac b0 b1 b7 d7 f7"  # ASCII, ± · × ÷
    " 300-36f"  # accents: without them \overline and \widehat do not stretch
    " 391-3a9 3b1-3c9 3d1 3d5 3d6 3f1 3f5"  # Greek
    " 2002-2005 2009 200a 2016 2020 2022 2026 2032-2034 203e 2061-2063 20d7"  # spaces, ‖ † … primes ‾
    " 2102 210e 210f 2113 2115 211a 211d 2124 2130 2131 2112 210b 211b 2133"  # ℂ ℕ ℚ ℝ ℤ and italic h; script ℰ ℱ ℒ …
    " 2190-2199 21a6 21aa 21d0 21d2 21d4 27f5 27f6 27f9 27fa 27fc"  # arrows
    " 2200 2202-2209 220b 220f 2211-2213 2217 2218 221a 221d 221e 2223 2225 2227-222c 222e 2234 223c 2243 2245 2248"
    " 2254 2260 2261 2264 2265 226a 226b 2282 2283 2286 2287 2295 2297 2299 22a4 22a5 22c5 22ee 22ef 22f1"  # operators
    " 2308-230b 23b4 23b5 23de 23df 27e8 27e9"  # ⌈ ⌊ ⎵ ⏟ ⟨
    " 1d400-1d467 1d6a4 1d6a5 1d6e2-1d71b"  # bold and italic letters, italic Greek
    " 1d49c-1d4b5 1d7ce-1d7d9"  # script capitals, bold digits, 𝟙
)


def subset(source, target):
    """Write the glyphs of `CHARACTERS`, with their larger variants, as woff2."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    # dtls: the dotless i under an accent. Not ssty (letters drawn for small sizes): twice the weight.
    options = subset.Options(layout_features=["dtls"], hinting=False, name_IDs=["*"], drop_tables=["DSIG"])
    with TTFont(source, recalcTimestamp=False) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=CHARACTERS)
        subsetter.subset(font)
        narrow_roots(font)
        font.flavor = "woff2"
        font.save(target)


def narrow_roots(font, widest=860):
    """Narrow the tall variants of the root sign: Chromium gives √3 the width of the widest, and leaves a hole."""
    for name in (name for name in font.getGlyphOrder() if name.startswith("uni221A")):
        glyph, (width, _) = font["glyf"][name], font["hmtx"][name]
        if width > widest:
            glyph.coordinates.scale((widest / width, 1))
            glyph.coordinates.toInt()
            glyph.recalcBounds(font["glyf"])
            font["hmtx"][name] = (widest, glyph.xMin)


if __name__ == "__main__":
    subset(distribution("ziamath").locate_file("ziamath/fonts/STIXTwoMath-Regular.ttf"), FONT)
    sys.stdout.write(f"{FONT.relative_to(Path.cwd())}: {FONT.stat().st_size / 1024:.0f} KiB\n")
