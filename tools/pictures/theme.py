"""The colours of a picture on GitHub's light and dark pages."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Theme:
    """CSS colours. name: light or dark. Each owner has an outline colour and a fill colour."""

    name: str
    page: str
    strong: str
    soft: str
    line: str
    shared: tuple[str, str]
    bootstrap: tuple[str, str]
    environment: tuple[str, str]


# GitHub's own palette: https://primer.style/product/primitives/color/
LIGHT = Theme(
    name="light",
    page="#ffffff",
    strong="#1f2328",
    soft="#59636e",
    line="#818b98",
    shared=("#818b98", "#f6f8fa"),
    bootstrap=("#8250df", "#fbefff"),
    environment=("#0969da", "#ddf4ff"),
)
DARK = Theme(
    name="dark",
    page="#0d1117",
    strong="#f0f6fc",
    soft="#9198a1",
    line="#656c76",
    shared=("#656c76", "#151b23"),
    bootstrap=("#ab7df8", "#1f1733"),
    environment=("#4493f8", "#0c1d33"),
)
THEMES = (LIGHT, DARK)
