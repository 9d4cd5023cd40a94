"""What an operator can tell `bin/run` beside the application's own settings in `config.env`. Same prefix, `TOULMIN_`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.env import Env


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
    model_nodes: int = Field(
        default=1, description="Machines that serve one model together. More than one: joined by Ray.", ge=1
    )
    model_node_role: Literal["head", "worker"] = Field(
        default="head", description="Whether this one answers for them all, or lends its GPUs."
    )
    model_head: str = Field(
        default="", description="Address and port of the one that answers, for example `10.0.0.1:6379`."
    )
    speculation: Literal["off", "auto"] = Field(
        default="off",
        description="Whether a small model guesses ahead for a large one where that is expected to pay.",
    )
    batch_invariant: bool = Field(
        default=False,
        description="Make answers independent of what else is answered, so that they can be replayed. Slower.",
    )
    admin_email: str = Field(
        default="admin@localhost", description="Who becomes the first administrator of an empty installation."
    )
    samples: bool = Field(default=True, description="Load the sample collection into an empty installation.")


class WrongSettings(Exception):
    """Settings that cannot be used; the message names each, one a line."""


def read_settings() -> tuple[Env, StandaloneEnv]:
    """Return both kinds of settings. Raises WrongSettings for all mistakes at once."""
    read: list[BaseSettings] = []
    lines: list[str] = []
    for kind in (Env, StandaloneEnv):
        try:
            read.append(kind())
        except ValidationError as error:
            lines += [
                f"  TOULMIN_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors()
            ]
    match read:
        case [Env() as env, StandaloneEnv() as standalone]:
            return env, standalone
    raise WrongSettings("\n".join(["These settings cannot be used:", *lines]))
