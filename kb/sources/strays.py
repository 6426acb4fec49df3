"""What lies in the articles' folder and is not read: named, so that nobody waits for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from kb.sources.articles import Problem, relative_name
from kb.sources.categories import FILE
from kb.sources.faults import Reason

# Names that editors may take for an article's, without case.
MARKDOWN = (".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdwn", ".mdtxt", ".mdtext", ".mdx", ".rmd", ".qmd")
DOCUMENTS = (
    ".txt",
    ".text",
    ".rst",
    ".adoc",
    ".org",
    ".html",
    ".htm",
    ".doc",
    ".docx",
    ".odt",
    ".rtf",
    ".pages",
    ".pdf",
)
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".heic", ".ico", ".bmp", ".tif", ".tiff")
COPIES = (".bak", ".orig", ".old", ".rej", ".save", ".tmp", ".swp")
# What tools keep beside the files that they show.
OF_TOOLS = (".git", ".github", ".hg", ".svn", ".obsidian", ".vscode", ".idea", ".trash", ".sync", "__macosx")
OF_SYSTEMS = ("thumbs.db", "desktop.ini", ".ds_store", ".gitignore", ".gitkeep", ".gitattributes", ".editorconfig")
OF_EDITORS = (".#", "._", ".~", "#", "~$")  # how the names of their temporary files begin


def find_strays(root: Path) -> list[Problem]:
    """Return a problem for each file and folder below `root` that someone may think is read."""
    problems = []
    for folder, reason in _unread_folders(root):
        problems.append(Problem(relative_name(folder, root), None, reason, is_broken=False))
    for path in files_below(root):
        reason = _why_unread(path, root)
        if reason:
            is_article = path.suffix.lower() in MARKDOWN and not path.name.startswith(".")
            problems.append(Problem(relative_name(path, root), None, reason, is_broken=is_article))
    return problems


def find_misnamed(path: Path) -> Path | None:
    """Return the file beside where an article belongs that is meant for it, and is not read as it is called."""
    with suppress(OSError):
        for other in sorted(path.parent.iterdir()):
            is_meant = other.stem.lower() == path.stem.lower() and other.suffix.lower() in MARKDOWN
            if is_meant and other.name != path.name and other.is_file():
                return other
    return None


def files_below(root: Path) -> Iterator[Path]:
    """Yield every file below `root`, those too that are not read; folders that are hidden or of tools are left out."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name.lower() not in OF_TOOLS)
        yield from (Path(folder, name) for name in sorted(names))


def _unread_folders(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield each folder in which files are not looked for, with the reason, where articles may be in it."""
    errors: list[OSError] = []
    for folder, folders, _ in os.walk(root, onerror=errors.append):
        for name in sorted(folders):
            path = Path(folder, name)
            if path.is_symlink():
                yield path, Reason("is a link to a folder; articles behind it are not read: put the folder itself here")
            elif name.startswith(".") and name.lower() not in OF_TOOLS and any(path.rglob("*.[mM][dD]")):
                yield path, Reason("is hidden, as its name begins with a dot; articles in it are not read")
        folders[:] = [name for name in folders if not name.startswith(".") and name.lower() not in OF_TOOLS]
    for error in errors:
        reason = Reason("cannot be read: %(why)s; articles in it are not served", why=error.strerror)
        yield Path(str(error.filename)), reason


def _why_unread(path: Path, root: Path) -> str:
    """Return why a file is not read; empty for what is, or for what nobody takes for an article."""
    name, ending = path.name.lower(), path.suffix.lower()
    if name in OF_SYSTEMS or name.startswith(OF_EDITORS) or name.endswith(("~", "#", ".swp", ".tmp")):
        return ""
    if path.name.startswith("."):
        is_text = ending in MARKDOWN + DOCUMENTS
        return Reason("is hidden, as its name begins with a dot, and is not read") if is_text else ""
    if path.suffix == ".md" or ending in PICTURES or path == root / FILE:
        return ""
    if ending in MARKDOWN:
        return Reason("is not read: an article's name ends in .md, in small letters; rename it")
    if ending in COPIES:
        return Reason("is not read: it looks like an older version")
    if ending in (".yml", ".yaml"):
        return Reason(
            "is not read: the names of categories stand in %(file)s, directly in the articles' folder", file=FILE
        )
    return Reason("is not read: an article's name ends in .md, in small letters; rename it if it is one")
