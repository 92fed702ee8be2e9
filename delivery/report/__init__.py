"""How anything is shown: Markdown, tables, what a terminal printed."""
