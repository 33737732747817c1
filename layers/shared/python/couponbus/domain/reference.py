"""Our references as a provider may have kept them: padded, in another case, cut."""


def is_same_reference(one: str | None, ours: str) -> bool:
    """Whether it is ours but for blanks around it and its case."""
    return one is not None and _plain(one) == _plain(ours)


def may_be_cut_from(one: str | None, ours: str) -> bool:
    """Whether one of them begins with the other: enough only where customer and offer agree."""
    if one is None or not _plain(one):
        return False
    return _plain(ours).startswith(_plain(one)) or _plain(one).startswith(_plain(ours))


def _plain(reference: str) -> str:
    return reference.strip().casefold()
