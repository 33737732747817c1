"""A process that has handled many sign-ups keeps nothing of each."""

from tests.benchmarks.alone import alone

SIGN_UPS = 1200
# Strings that pydantic keeps, which are less than one each as soon as it has 16,384 of them.
STRINGS = 2.0


def test_no_sign_up_leaves_an_object_behind() -> None:
    _, *windows = alone("tests.benchmarks.growth", "--sign-ups", f"{SIGN_UPS}", "--windows", "6")

    begin, end = ([float(one) for one in windows[at].split(" | ")] for at in (0, -1))
    sign_ups, _, objects, blocks, _ = (
        after - before for before, after in zip(begin, end, strict=True)
    )
    assert sign_ups == SIGN_UPS * 5 / 6
    assert objects < 50
    assert blocks / sign_ups < STRINGS
