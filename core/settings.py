"""Everything an operator can set, with its default; README lists the same table."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[1]
"""The folder that holds Home.py."""


class Settings(BaseSettings):
    """Read from environment variables named SLOTWISE_<FIELD>; nothing has to be set."""

    model_config = SettingsConfigDict(env_prefix="SLOTWISE_", frozen=True)

    data_dir: Path = Field(
        default=ROOT / "data" / "local", description="Folder of the SQLite file, outbox, uploads and back-ups."
    )
    database_url: str = Field(
        default="",
        description="PostgreSQL address (`postgresql://user:secret@host/name`); empty means SQLite in `data_dir`.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Encrypts secrets at rest: a Fernet key or a passphrase of 20 characters or more; of several with "
        "commas between, the first encrypts and all decrypt; empty means the file `secret.key` in `data_dir`, made at "
        "the first start.",
    )
    timezone: str = Field(default="UTC", description="IANA time zone of a new workspace.")
    engine: bool = Field(default=True, description="Run the publishing engine inside this process.")
    engine_tick_seconds: float = Field(default=1.0, gt=0, description="How often the engine looks for due items.")
    engine_threads: int = Field(default=8, ge=1, le=64, description="Items published at the same time.")
    bulk_threads: int = Field(
        default=4, ge=1, le=64, description="Rows of bulk jobs done at the same time, by all engines together."
    )
    bulk_platform_threads: int = Field(
        default=4, ge=1, le=64, description="Of these, rows for one platform in one workspace."
    )
    webhook_threads: int = Field(default=16, ge=1, le=64, description="Webhook receivers told of events at one time.")
    webhook_timeout_seconds: float = Field(default=10.0, gt=0, description="Longest wait for a webhook receiver.")
    webhook_allow_private: bool = Field(
        default=False, description="Allow webhooks to `http://` and private addresses (a receiver on your own machine)."
    )
    sheet_threads: int = Field(default=4, ge=1, le=64, description="Google Sheets synced at the same time.")
    google_token_url: str = Field(
        default="https://oauth2.googleapis.com/token", description="Where access tokens for Google come from."
    )
    sheets_api_url: str = Field(default="https://sheets.googleapis.com", description="Where Google Sheets is asked.")
    drive_api_url: str = Field(default="https://www.googleapis.com", description="Where Google Drive is asked.")
    api_requests_per_second: int = Field(
        default=10, ge=1, description="Requests a workspace may send to the API per second, in the long run."
    )
    api_burst: int = Field(
        default=20, ge=1, description="Requests it may send at once; a multiple of the number per second."
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_json: bool = Field(default=False, description="One JSON object per log line instead of text.")

    @property
    def sqlite_path(self) -> Path:
        """The database file used when `database_url` is empty."""
        return self.data_dir / "slotwise.db"

    @property
    def secret_file(self) -> Path:
        """The file that holds the secret key when `secret_key` is empty."""
        return self.data_dir / "secret.key"

    @property
    def uploads(self) -> Path:
        """The folder of files that wait for the engine to import them."""
        return self.data_dir / "uploads"


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
