"""What an operator can tell `bin/run` beside the application's own settings in `config.env`. Same prefix, `TOULMIN_`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class StandaloneEnv(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TOULMIN_", extra="ignore")

    redis_port: int = Field(
        default=0, description="Loopback port of the embedded Valkey. 0: any free one.", ge=0, le=65535
    )
    model_port: int = Field(
        default=0, description="Loopback port of the model service. 0: any free one.", ge=0, le=65535
    )
    model: str = Field(
        default="",
        description="Key of the model in the catalogue to serve, or `none`. Empty: the best that fits this machine.",
    )
    weights_dir: Path | None = Field(
        default=None, description="Folder with weights at hand, one subfolder for each model, named by its key."
    )
    admin_email: str = Field(
        default="admin@localhost", description="Who becomes the first administrator of an empty installation."
    )
    samples: bool = Field(default=True, description="Load the sample collection into an empty installation.")
