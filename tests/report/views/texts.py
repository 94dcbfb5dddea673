"""Texts and digests that many of the views share, and the hostile ones."""

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`"
    "</script><!-- [x](javascript:alert(3)) {{ 7*7 }} \u202e*right to left* ## "
)

LONG = HOSTILE + "W" * 10_000

RULE_SET = "sha256:" + "3f" * 32

HELDOUT = "sha256:" + "a7" * 32
