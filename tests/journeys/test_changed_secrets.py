"""Secrets that change under a running app, with Streamlit's own copies of them around."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.servers import running_app
from tests.journeys.visitor import Visitor

NOBODY = 'NANOGPT_BASE_URL = "http://127.0.0.1:9/api"'
NO_BUCKET = """VAULT_URL = "s3://no-bucket/voicekeep"
AWS_ENDPOINT_URL_S3 = "http://127.0.0.1:9"
AWS_ACCESS_KEY_ID = "nobody"
AWS_SECRET_ACCESS_KEY = "the-key-of-nobody"
"""


def write(secrets: Path, key: str) -> None:
    secrets.write_text(f'NANOGPT_API_KEY = "{key}"\n{NOBODY}\n')


def test_a_running_app_tells_where_its_key_came_from_and_that_it_changed(
    tmp_path: Path, visitor: Visitor
) -> None:
    """Streamlit puts what stands in the file into the environment as it starts, and again later."""
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    write(secrets, "sk-nano-first")
    changed = visitor.page.get_by_text("Secrets have changed: restart the app")
    with running_app(tmp_path) as app:
        visitor.open(app.url("/settings"))
        visitor.unfold("part_nanogpt")
        visitor.sees("NANOGPT_API_KEY was set in secrets.toml.")
        expect(changed).to_have_count(0)

        write(secrets, "sk-nano-second")
        visitor.open(app.url("/settings"))
        expect(changed).to_be_visible()
        visitor.open(app.url("/retention"))
        expect(changed).to_be_visible()


def test_a_part_of_a_page_that_renews_itself_heeds_a_changed_passphrase(
    tmp_path: Path, visitor: Visitor
) -> None:
    """Such a part runs alone, again and again, without what stands above it on the page."""
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    team = f'NANOGPT_API_KEY = "sk-nano-first"\n{NOBODY}\n{NO_BUCKET}[team]\npassphrase = '
    secrets.write_text(f'{team}"correct horse battery staple"\n')
    with running_app(tmp_path) as app:
        visitor.open(app.url())
        visitor.signs_in("correct horse battery staple")
        visitor.sees("Your storage cannot be read")
        secrets.write_text(f'{team}"another horse, another staple"\n')
        visitor.sees("Enter its passphrase to continue.")
        expect(visitor.page.get_by_text("Your storage cannot be read")).to_have_count(0)
