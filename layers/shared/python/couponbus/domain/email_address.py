"""A comparison key for e-mail addresses: equal for all spellings of one mailbox."""

import unicodedata

ASCII_LABEL = "xn--"  # a label of a domain in the ASCII form of IDNA (RFC 5890)
_FULL_STOP = "\u3002"  # also a dot between labels (UTS 46)
_DOTTED_I = "i\u0307"  # what the capital dotted I of Turkish becomes in lower case


def email_key(email: str) -> str:
    """Return a key that all spellings of an address share; it is compared, never sent.

    Spellings differ in case, in composed and decomposed letters (NFC), and in the two forms of a
    domain (IDNA). Letters that differ in IDNA 2008 stay different: sharp s is not ss.
    """
    email = email.strip()
    if email.isascii() and ASCII_LABEL not in email.lower():
        return email.lower()
    local, at, domain = email.rpartition("@")
    labels = unicodedata.normalize("NFKC", domain).replace(_FULL_STOP, ".").split(".")
    return f"{_folded(local)}{at}{'.'.join(_folded(_decoded(label)) for label in labels)}"


def _decoded(label: str) -> str:
    """Return a label in its Unicode form, or as it is where it has none."""
    if not label.lower().startswith(ASCII_LABEL):
        return label
    try:
        return label[len(ASCII_LABEL) :].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _folded(text: str) -> str:
    folded = "".join(map(_folded_letter, unicodedata.normalize("NFC", text)))
    return unicodedata.normalize("NFC", folded).replace(_DOTTED_I, "i")


def _folded_letter(letter: str) -> str:
    """Fold one letter to one; full case folding would turn some into two, equal to others."""
    folded = letter.casefold()
    return folded if len(folded) == 1 else letter.lower()
