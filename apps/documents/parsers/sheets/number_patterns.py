"""Numbers as the sections of format codes show them: rounded as people round, grouped, scaled, as fractions or powers of ten."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

from apps.documents.parsers.sheets.format_codes import Pattern, Section, Token

_SIGNIFICANT = 10


def general(number: float) -> str:
    """Return a number without a format: whole ones with all their digits, others with ten that count."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.{_SIGNIFICANT}g}".upper()


def exact(number: float) -> str:
    """Return the shortest decimal that is this number."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    text = repr(number)
    return format(Decimal(text), "f") if "e" in text else text


def number_text(section: Section, number: float, *, signed: bool) -> str:
    """Return the number as the section shows it, with a minus sign if it is to be `signed`."""
    if section.pattern:
        return _pattern_text(section.pattern, number, signed=signed)
    tokens = section.tokens
    if not any(token.kind == "digit" for token in tokens):
        return "".join(_plain_part(token, number) for token in tokens)
    value = abs(Decimal(repr(number)))
    value *= Decimal(100) ** sum(token.kind == "other" and token.text == "%" for token in tokens)
    if any(token.kind == "other" and token.text == "/" for token in tokens):
        text = _fraction_text(tokens, value)
    elif any(token.kind == "exponent" for token in tokens):
        text = _scientific_text(tokens, value)
    else:
        text = _decimal_text(tokens, value)
    minus = number < 0 and signed and any(digit in "123456789" for digit in text)
    return f"-{text}" if minus else text


def _pattern_text(pattern: Pattern, number: float, *, signed: bool) -> str:
    value = abs(Decimal(repr(number)))
    if pattern.hundredfold:
        value *= 100
    value = _quantized(value, pattern.step)
    minus = "-" if number < 0 and signed and value else ""
    return f"{minus}{pattern.before}{value:{',f' if pattern.grouped else 'f'}}{pattern.after}"


def _plain_part(token: Token, number: float) -> str:
    if token.kind == "general":
        return general(number)
    return "" if (token.kind, token.text) == ("other", "@") else token.text


def _decimal_text(tokens: tuple[Token, ...], value: Decimal) -> str:
    point = next((i for i, token in enumerate(tokens) if (token.kind, token.text) == ("other", ".")), len(tokens))
    digits = [i for i, token in enumerate(tokens) if token.kind == "digit"]
    commas = [i for i, token in enumerate(tokens) if (token.kind, token.text) == ("other", ",")]
    whole = [i for i in digits if i < point]
    after = [i for i in digits if i > point]
    grouped = any(whole and whole[0] < comma < whole[-1] for comma in commas)
    scale = sum(_scales(tokens, comma) for comma in commas)
    value = _quantized(value / Decimal(1000) ** scale, _step(len(after)))
    integer, _, fraction = format(value, "f").partition(".")
    filled = _integer_digits(tokens, whole, integer.lstrip("0"), grouped)
    filled |= _fraction_digits(tokens, after, fraction)
    shown = []
    for i, token in enumerate(tokens):
        if i in filled:
            shown.append(filled[i])
        elif i == point and not any(filled[j] for j in after) and after:
            shown.append("")
        elif i not in commas:
            shown.append(token.text)
    return "".join(shown)


def _scales(tokens: tuple[Token, ...], comma: int) -> bool:
    """Whether a comma stands after all digits of its part, where it divides by a thousand."""
    after = next((token for token in tokens[comma:] if token.text != ","), None)
    return after is None or after.kind != "digit"


def _integer_digits(tokens: tuple[Token, ...], places: list[int], digits: str, grouped: bool) -> dict[int, str]:
    """Give each place before the point its digit, from the right; the first place takes all that are left."""
    filled: dict[int, str] = {}
    count = 0
    for place in reversed(places):
        if place == places[0]:
            own, digits = digits, ""
        else:
            own, digits = digits[-1:], digits[:-1]
        if not own:
            own = {"0": "0", "?": " "}.get(tokens[place].text, "")
        shown = ""
        for digit in reversed(own):
            shown = f"{digit},{shown}" if grouped and count and count % 3 == 0 and digit != " " else digit + shown
            count += 1
        filled[place] = shown
    return filled


def _fraction_digits(tokens: tuple[Token, ...], places: list[int], digits: str) -> dict[int, str]:
    filled: dict[int, str] = {}
    needed = len(digits.rstrip("0"))
    for position, place in enumerate(places):
        kept = position < needed or tokens[place].text == "0"
        filled[place] = digits[position : position + 1] if kept else {"?": " "}.get(tokens[place].text, "")
    return filled


def _scientific_text(tokens: tuple[Token, ...], value: Decimal) -> str:
    at = next(i for i, token in enumerate(tokens) if token.kind == "exponent")
    mantissa, rest = tokens[:at], tokens[at + 1 :]
    point = next((i for i, token in enumerate(mantissa) if token.text == "."), at)
    whole = max(1, sum(token.kind == "digit" for token in mantissa[:point]))
    places = sum(token.kind == "digit" for token in mantissa[point:])
    exponent = (value.adjusted() // whole * whole if whole > 1 else value.adjusted()) if value else 0
    scaled = _quantized(value.scaleb(-exponent), _step(places))
    if scaled >= Decimal(10) ** whole:
        exponent += whole
        scaled = _quantized(value.scaleb(-exponent), _step(places))
    sign = "-" if exponent < 0 else "+" if "+" in tokens[at].text else ""
    width = sum(token.kind == "digit" for token in rest)
    tail = "".join(token.text for token in rest if token.kind != "digit")
    return f"{scaled:f}E{sign}{abs(exponent):0{width}d}{tail}"


def _fraction_text(tokens: tuple[Token, ...], value: Decimal) -> str:
    bar = next(i for i, token in enumerate(tokens) if token.text == "/")
    below = "".join(token.text for token in tokens[bar + 1 :] if token.kind in ("digit", "other"))
    above = [i for i, token in enumerate(tokens[:bar]) if token.kind == "digit"]
    mixed = any(token.text == " " for token in tokens[above[0] : bar]) if above else False
    whole, part = divmod(value, 1) if mixed else (Decimal(0), value)
    fixed = int(below) if below.isascii() and below.isdigit() and int(below) else 0
    if fixed:
        top, bottom = int(_quantized(part * fixed, _step(0))), fixed
    else:
        near = Fraction(part).limit_denominator(10 ** min(max(len(below), 1), 5) - 1)
        top, bottom = near.numerator, near.denominator
    if top == bottom:
        whole, top = whole + 1, 0
    if not top:
        return f"{whole:f}"
    return f"{whole:f} {top}/{bottom}" if whole else f"{top}/{bottom}"


def _quantized(value: Decimal, step: Decimal) -> Decimal:
    try:
        return value.quantize(step, ROUND_HALF_UP)
    except InvalidOperation:
        return value


def _step(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)
