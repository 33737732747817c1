"""Tests that share an expensive fixture run in one process."""

from tests.architecture import tree
from tests.distribution import EARLY, SCOPES, rank_of, scope_of

TESTS = [tree.name(path) for path in tree.python_files(tree.ROOT / "tests")]


def test_every_beginning_that_is_written_out_is_that_of_some_test() -> None:
    beginnings = {*EARLY, *(beginning for beginning, _ in SCOPES)}

    unused = [each for each in beginnings if not any(test.startswith(each) for test in TESTS)]

    assert unused == []


def test_whatever_needs_the_deployed_product_shares_one() -> None:
    issuing = scope_of("tests/e2e/test_issuing.py::test_one[a@b::c]")

    assert issuing == scope_of("tests/e2e/test_redemptions.py::test_two")
    assert issuing != scope_of("tests/e2e/test_demo.py::test_three")


def test_a_file_is_a_scope_unless_it_is_written_out() -> None:
    assert scope_of("tests/unit/domain/test_row.py::test_x[1]") == "tests/unit/domain/test_row.py"


def test_the_longest_begin_first() -> None:
    demo, product, unit = map(
        rank_of, ("tests/e2e/test_demo.py", "tests/e2e/test_issuing.py", "tests/unit/test_x.py")
    )

    assert demo < product < unit
