"""Every setting that an operator can give, with its type, default and meaning.

Values come from the environment, prefix `TOULMIN_`. `docs/configuration.md` lists the same fields; a test compares the two.
"""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Env(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TOULMIN_", extra="ignore")

    data_dir: Path = Field(default=ROOT / "var", description="The one folder that holds everything kept on disk.")
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="Signs sessions. Empty: made once and kept in the data folder."
    )
    former_secret_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default=[],
        description="Secret keys used before, comma separated: what was signed or sealed with them can still be read.",
    )
    debug: bool = Field(default=False, description="Show tracebacks and the page of components. Never in production.")
    hosts: Annotated[list[str], NoDecode] = Field(
        default=["localhost", "127.0.0.1", "[::1]"], description="Host names that are served, comma separated."
    )
    https: bool = Field(default=False, description="Served over HTTPS: secure cookies, HSTS, redirect.")
    port: int = Field(default=8000, description="Port of the web server.", ge=1, le=65535)
    bind: str = Field(default="127.0.0.1", description="Address that the web server listens on.")
    organisation: str = Field(default="", description="Shown beside the name in the top bar.")
    time_zone: str = Field(default="UTC", description="Time zone of screens. Records are always in UTC.")

    database_url: str = Field(
        default="postgresql:///toulmin", description="PostgreSQL 15 or newer with pgvector 0.8.4 or newer."
    )
    redis_url: str = Field(default="redis://127.0.0.1:6379/0", description="Redis 7 or Valkey 8, or newer.")

    embedding_model: str = Field(
        default="all-MiniLM-L6-v2",
        description="Sentence-transformers model: `all-MiniLM-L6-v2` (packaged), a hub id, or a folder.",
    )
    embedding_device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        default="auto", description="Where embeddings are computed."
    )
    index_memory_mb: int = Field(
        default=768,
        description="Memory that building the graph of an index may take, in megabytes; it is several times as slow with too little.",
        ge=64,
    )

    reranker_model: str = Field(
        default="",
        description="Cross-encoder that judges the first passages again: a hub id or a folder. Empty: words and headings do.",
    )
    reranker_url: str = Field(
        default="",
        description="Endpoint that reranks instead, ending in `/rerank` or `/score`, as vLLM and TEI serve it.",
    )
    reranker_api_key: SecretStr = Field(default=SecretStr(""), description="Key of that endpoint, if it wants one.")

    llm_base_url: str = Field(
        default="", description="OpenAI-compatible endpoint, ending in /v1. Empty: no model answers."
    )
    llm_model: str = Field(
        default="", description="Model name to ask for. Empty: the first one that the endpoint lists."
    )
    llm_api_key: SecretStr = Field(default=SecretStr(""), description="Key of the endpoint, if it wants one.")
    llm_entra_tenant: str = Field(
        default="", description="Tenant of an application in Microsoft Entra that signs in at Azure, instead of a key."
    )
    llm_entra_client: str = Field(
        default="", description="Client id of that application; the key above is then its client secret."
    )
    llm_private_addresses: Annotated[list[str], NoDecode] = Field(
        default=[],
        description="Hosts and networks inside that endpoints added on screen may lead to, comma separated, or `any`.",
    )
    llm_at_once: int = Field(
        default=0, description="Answers that the endpoint writes at the same time; 0: no limit.", ge=0
    )
    llm_currency: str = Field(default="EUR", description="Currency of the prices below, as ISO 4217 names it.")
    llm_price_prompt: float | None = Field(
        default=None,
        description="Price of a million tokens of the prompt. Empty: the endpoint costs nothing by token.",
        ge=0,
    )
    llm_price_cached: float | None = Field(
        default=None, description="Price of a million of them that were in the endpoint’s cache. Empty: the same.", ge=0
    )
    llm_price_output: float | None = Field(
        default=None, description="Price of a million tokens of reasoning and answer.", ge=0
    )
    llm_gpu_price_hour: float | None = Field(
        default=None, description="Own hardware: price of one GPU for one hour. Empty: not counted.", ge=0
    )
    llm_gpus: int = Field(default=1, description="Own hardware: GPUs that the server holds.", ge=1)
    llm_watts: int | None = Field(
        default=None, description="Own hardware: what the whole server draws under load, in watts.", ge=0
    )
    llm_energy_price_kwh: float | None = Field(
        default=None, description="Own hardware: price of a kilowatt-hour, where the hour does not include it.", ge=0
    )
    llm_timeout: float = Field(
        default=60.0, description="Seconds without a byte from the model before it counts as silent.", gt=0
    )
    answer_deadline: float = Field(
        default=900.0, description="Seconds that one answer may take from first to last.", gt=0
    )
    unsupported_claims: Literal["mark", "withhold"] = Field(
        default="mark",
        description="Sentences of an answer that no passage bears out: shown with a mark, or a word in their place that they were withheld.",
    )
    models_file: Path = Field(default=ROOT / "inference" / "models.toml", description="The catalogue of models.")
    model_state_file: Path | None = Field(
        default=None, description="Where the local model service writes what it is doing."
    )

    upload_limit_mb: int = Field(default=1024, description="Largest file that is accepted, in megabytes.", gt=0)
    parse_timeout: float = Field(default=600.0, description="Seconds that reading one document may take.", gt=0)
    parse_memory_mb: int = Field(
        default=2048, description="Memory that reading one document may take, in megabytes.", gt=0
    )

    api_answers_per_minute: int = Field(
        default=60, description="Questions that one caller of the interface may ask in a minute.", gt=0
    )
    api_searches_per_minute: int = Field(
        default=600, description="Searches that one caller of the interface may run in a minute.", gt=0
    )

    matter_required: bool = Field(
        default=False, description="Refuse questions that do not say to which matter they are charged."
    )

    oidc_issuer: str = Field(default="", description="OpenID Connect issuer address. Empty: no single sign-on.")
    oidc_client_id: str = Field(default="", description="Client id at the issuer.")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="Client secret at the issuer.")
    oidc_name: str = Field(default="Single sign-on", description="What the sign-in button calls the issuer.")

    log_format: Literal["console", "json"] = Field(default="console", description="How log lines are written.")
    log_level: str = Field(default="INFO", description="Least level that is logged.")
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="What Prometheus presents to read `/metrics`. Empty: only this machine may.",
    )

    @field_validator("hosts", "former_secret_keys", "llm_private_addresses", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("llm_base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("an address begins with http:// or https:// and names a host")
        return value.rstrip("/")
