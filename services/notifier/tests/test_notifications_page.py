"""The page about notifications: what it tells people to write works."""

import base64
import re
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from notifier.channel import Surroundings
from notifier.routes import load_kinds, open_channels, parse_routes

PAGE = (Path(__file__).parents[3] / "docs" / "notifications.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
KEY = base64.b64encode(bytes(32)).decode()
SECRETS = {
    "ARCHITECTS_SLACK_URL": "https://hooks.slack.com/services/T0/B0/s3cr3t",
    "SLACK_BOT_TOKEN": "xoxb-1-s3cr3t",
    "GUILD_DISCORD_URL": "https://discord.com/api/webhooks/1/s3cr3t",
    "MAIL_URL": "mailtos://smtp.acme.example?user=nexus&pass=s3cr3t&from=nexus@acme.example&to=team@acme.example",
    "DASHBOARD_SECRET": KEY,
    "DASHBOARD_SECRET_2027": KEY,
    "GITHUB_APP_ID": "1",
    "ORCHESTRATOR_URL": "https://orchestrator.acme.example",
}


@pytest.fixture(scope="module")
def app_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: ", ".join(example["targets"]))
def test_an_example_of_a_target_opens_as_it_is_written(example, app_key):
    kinds = load_kinds()
    routes = parse_routes({"routes": [], **example}, kinds, file="notifications.md")
    surroundings = Surroundings({**SECRETS, "GITHUB_APP_PRIVATE_KEY": app_key})
    assert open_channels(routes, kinds, surroundings).keys() == example["targets"].keys()


def test_every_channel_for_which_there_is_a_target_has_an_example():
    shown = {target["channel"] for example in EXAMPLES for target in example["targets"].values()}
    assert shown == load_kinds().keys()
