"""A measurement as people read it: tables in Markdown, bars in SVG. Pure."""

from typing import Any

_WIDTH, _ROW, _LEFT, _BAR = 720, 26, 150, 480
_PANELS = (
    ("First token, seconds (p50, p95, p99)", ("first_p50", "first_p95", "first_p99")),
    ("Tokens a second, of one stream", ("per_stream",)),
    ("Tokens a second, of all together", ("in_all",)),
)
_SHADES = ("#1f4e79", "#5b8db8", "#a9c6de")


def markdown(report: dict[str, Any], picture: str) -> str:
    """Return the report; `picture` is the file of its plot."""
    lines = [
        f"# {report['model']}",
        "",
        f"Measured {report['at']} at {report['address']}.",
        f"Prompts of {report['prompt_words']} words, answers of at most {report['output_tokens']} tokens.",
        f"Tokens are counted by {report['counted_by']}.",
        "",
        "| at once | answers | failed | first token p50 | p95 | p99 | tokens/s, one | tokens/s, all |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for level in report["levels"]:
        times = " | ".join(f"{level[name]:.3f} s" for name in ("first_p50", "first_p95", "first_p99"))
        lines.append(
            f"| {level['at_once']} | {level['answers']} | {level['failed']} | {times} "
            f"| {level['per_stream']:.1f} | {level['in_all']:.1f} |"
        )
    return "\n".join([*lines, "", _prefix(report["prefix"]), "", f"![]({picture})", ""])


def plot(report: dict[str, Any]) -> str:
    """Return bars of the three figures at each number at once."""
    parts, y = [], 10
    for title, names in _PANELS:
        most = max((level[name] for level in report["levels"] for name in names), default=0.0) or 1.0
        parts.append(f'<text x="10" y="{y + 18}" font-weight="600">{title}</text>')
        y += 30
        for level in report["levels"]:
            parts.append(f'<text x="{_LEFT - 10}" y="{y + 15}" text-anchor="end">{level["at_once"]} at once</text>')
            for index in reversed(range(len(names))):  # the longest first, the shorter ones over it
                width = _BAR * level[names[index]] / most
                parts.append(f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="18" fill="{_SHADES[index]}"/>')
            said = " · ".join(f"{level[name]:.3g}" for name in names)
            end = _LEFT + _BAR * max(level[name] for name in names) / most
            parts.append(f'<text x="{end + 8:.1f}" y="{y + 14}">{said}</text>')
            y += _ROW
        y += 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y}" viewBox="0 0 {_WIDTH} {y}" '
        f'font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="First token and tokens a second">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _prefix(prefix: dict[str, Any] | None) -> str:
    if prefix is None:
        return "Repeated prompts could not be measured: one of the two answers failed."
    times = f"First token {prefix['first_cold']:.3f} s for a prompt that is new, {prefix['first_warm']:.3f} s for the same again."
    if prefix["cached_tokens"] is None or not prefix["prompt_tokens"]:
        return f"{times} The server does not say what it had cached."
    return f"{times} By the server's word {prefix['cached_tokens']} of {prefix['prompt_tokens']} tokens came from its cache."
