"""Names as nobody should have them, who comes by a way that Kubernetes does not guard."""

from typing import Final

HOSTILE: Final = (
    '=HYPERLINK("http://evil.example","x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    'a","b',
    "[red]acme[/red]",
    "acme'; DROP TABLE series; --",
    "<script>alert(1)</script>",
    "acme\x1b[2J\x07\r",
)
