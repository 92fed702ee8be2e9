"""What README.md shows about adding an environment."""

from modules.model.project import ROOT
from tools.fenced_code import blocks

README = (ROOT / "README.md").read_text()
_SECTION = README.split("\n## Add an environment\n")[1].split("\n## ")[0]
# The file that the reader writes, and the commands after it.
[_FILE] = [block for block in blocks(_SECTION) if block.creates]
FILE, CONTENT = str(_FILE.creates), _FILE.code
COMMANDS = [line for block in blocks(_SECTION) if block.language == "sh" for line in block.code.splitlines()]
