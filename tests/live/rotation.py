"""Copies the project with the next version of both of staging's generated values."""

from pathlib import Path

from tests.live.project import Project

_FILE = "environments/staging.py"


def rotated(project: Project, folder: Path, *, database: int = 2, session: int = 2) -> Project:
    """Copy the project into a new folder, with these versions of staging's password and session key."""
    text = project.edited(
        _FILE,
        {
            'cookie_name="mosaic_session_stage"': f'cookie_name="mosaic_session_stage", key_version={session}',
            "database=Database(": f"database=Database(credentials_version={database}, ",
        },
    )
    return project.copy(folder, {_FILE: text})
