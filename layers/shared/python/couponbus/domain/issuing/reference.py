"""Our references as a provider may have kept them: padded, in another case, cut."""


def is_same_reference(one: str | None, ours: str) -> bool:
    """Whether it is ours, apart from blanks around it and its case."""
    return one is not None and plain(one) == plain(ours)


def may_be_cut_from(one: str | None, ours: str) -> bool:
    """Whether one of them begins with the other: enough only where customer and offer agree."""
    if one is None or not plain(one):
        return False
    return plain(ours).startswith(plain(one)) or plain(one).startswith(plain(ours))


def plain(reference: str) -> str:
    """Return a reference without the blanks and the case that a provider may change."""
    return reference.strip().casefold()
