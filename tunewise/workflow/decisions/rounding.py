"""Is a number that somebody wrote the recorded one, as it is printed?"""

from decimal import Decimal

_DECIMALS = 2  # that Tunewise prints at least, so 0.8 stands for 0.80


def is_rounded(said: object, recorded: float | None) -> bool:
    """Tell whether a number is the recorded one, rounded; nothing said agrees.

    >>> is_rounded(0.79, 0.7946), is_rounded(0.8, 0.7946)
    (True, False)
    """
    if recorded is None or isinstance(said, bool) or not isinstance(said, int | float):
        return True
    exponent = Decimal(repr(said)).as_tuple().exponent
    written = -exponent if isinstance(exponent, int) else 0
    step = float(10.0 ** -max(written, _DECIMALS))
    return bool(abs(said - recorded) <= step / 2 + 1e-9)
