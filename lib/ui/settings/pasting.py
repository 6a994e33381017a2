"""What to paste into the secrets for each step of the way to a deployed app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.services import SERVICES, Service
from lib.sign_in import EXAMPLE_COOKIE_SECRET
from lib.studio.alerts.deployment import Step
from lib.team import EXAMPLE_PASSPHRASE
from lib.ui.access.auth_help import MAKE_A_SECRET

WHERE = (
    "Paste lines into the secrets: *Manage app*, *Settings*, *Secrets* on Community Cloud, and the "
    "file `.streamlit/secrets.toml` elsewhere. Those in brackets, such as `[team]`, stay below all "
    "others. Then restart the app: *Manage app*, *Reboot app*."
)
RESTART = (
    "It is in the settings now. Restart the app to use it: *Manage app*, *Reboot app* on Community "
    "Cloud; elsewhere, stop it and start it again."
)
ON_GITHUB = """
1. In your fork on GitHub, open *Settings*, *Secrets and variables*, *Actions*. Add one secret named
   `VOICEKEEP_SECRETS` that holds the whole of this app's secrets, with `DATABASE_URL`.
2. Open *Actions*, allow workflows, choose *Keeper* and enable it.
3. Press *Run workflow* once. When it has passed, this step is done.

`docs/operate.md` shows how to run it under cron or systemd instead.
"""


@dataclass(frozen=True)
class Way:
    """One way to take a step: the lines to paste, and what to do before and after (Markdown)."""

    title: str
    lines: str
    before: str = ""
    after: str = ""


def key_line(service: Service) -> str:
    """The line that connects a service."""
    return f'{service.key_setting} = "<your key>"\n'


_R2 = """VAULT_URL = "s3://<your bucket>/voicekeep"
AWS_ACCESS_KEY_ID = "<access key ID>"
AWS_SECRET_ACCESS_KEY = "<secret access key>"
AWS_ENDPOINT_URL_S3 = "https://<account id>.r2.cloudflarestorage.com"
"""
_S3 = """VAULT_URL = "s3://<your bucket>/voicekeep"
AWS_ACCESS_KEY_ID = "<access key ID>"
AWS_SECRET_ACCESS_KEY = "<secret access key>"
AWS_REGION = "<region, such as eu-central-1>"
"""
_PASSPHRASE = f"""[team]
passphrase = "{EXAMPLE_PASSPHRASE}"
"""
_ACCOUNTS = f"""[auth]
redirect_uri = "https://<your app>/oauth2callback"
# {MAKE_A_SECRET}
cookie_secret = "{EXAMPLE_COOKIE_SECRET}"

[auth.google]
client_id = "<client ID>"
client_secret = "<client secret>"
server_metadata_url = "https://accounts.google.com/.well-known/openid-configuration"

[team]
viewers = ["*@<your company>"]
members = ["<name>@<your company>"]
admins = ["<your name>@<your company>"]
"""
_WARNINGS = """NOTIFY_URLS = "mailtos://<user>:<password>@<mail server>?to=<your address>"
# This app's address, for the links in the messages:
APP_URL = "https://<your app>.streamlit.app"
"""
APP_URL = 'APP_URL = "https://<your app>.streamlit.app"\n'
_DATABASE = 'DATABASE_URL = "postgresql://<user>:<password>@<host>/<database>"\n'

WAYS: Mapping[Step, Sequence[Way]] = {
    Step.KEY: [
        Way(
            service.title,
            key_line(service),
            f"Create an API key at {service.title}. One service is enough to begin with.",
        )
        for service in SERVICES.values()
        if not service.is_demo
    ],
    Step.STORAGE: [
        Way(
            "Cloudflare R2",
            _R2,
            "Create a private bucket, and an API token with *Object Read & Write* for this one "
            "bucket.",
        ),
        Way(
            "Amazon S3",
            _S3,
            "Create a private bucket, switch versioning on, and create an access key with the "
            "rights that `docs/operate.md` lists.",
        ),
        Way(
            "A disk of your own",
            'VAULT_URL = "file:///<folder>"\n',
            "Only for a disk that lasts. The disk of Community Cloud does not.",
        ),
    ],
    Step.DOOR: [
        Way(
            "One passphrase for all",
            _PASSPHRASE,
            "Its length protects it: use four random words or more.",
        ),
        Way(
            "Accounts",
            _ACCOUNTS,
            "Create a web application with this redirect URI at Google, Microsoft, Okta or Auth0: "
            "`docs/operate.md` says where.",
        ),
    ],
    Step.WARNINGS: [
        Way(
            "Email or chat",
            _WARNINGS,
            "Email, Slack, Discord, Teams and many others. How to write their addresses: "
            "https://github.com/caronc/apprise. Put several in brackets, separated by commas.",
        )
    ],
    Step.KEEPER: [
        Way(
            "GitHub",
            _DATABASE,
            "Create a PostgreSQL database at any host: the app and the keeper outside have to see "
            "the same orders. Paste its address, and restart the app:",
            f"Then have the keeper run:\n{ON_GITHUB}",
        )
    ],
}
"""By step, the ways to take it; the first one is the usual one."""
