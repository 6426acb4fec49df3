"""What every section of config.yml has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section of config.yml. A key it does not know stops the start, and nothing changes after it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
