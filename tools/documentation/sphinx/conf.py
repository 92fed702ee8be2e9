"""Configures Sphinx, which builds the site from the output of `python -m tools.documentation`."""

project = "Mosaic Life platform"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
# GitHub's anchors for headings of every depth. Sphinx checks links to them and warns about broken ones.
myst_heading_anchors = 6
# CSS classes for the argument tables.
myst_enable_extensions = ["attrs_block"]
# Code without a language is shown unhighlighted.
highlight_language = "none"
# The theme's own style underlines names like links.
pygments_dark_style = "github-dark"
