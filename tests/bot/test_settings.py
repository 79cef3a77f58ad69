import pytest

from bot.settings import SettingsTrouble, read_settings
from storage.records import Address


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    for name in (
        "BOT_TOKEN",
        "BOT_API_URL",
        "DATABASE_URL",
        "BOT_TIMEZONE",
        "BOT_ADMINS",
        "BOT_LISTEN",
        "BOT_RATES",
        "BOT_SOFFICE",
        "BOT_MODE",
        "BOT_WEBHOOK_URL",
        "BOT_WEBHOOK_SECRET",
        "BOT_PUBLIC_URL",
        "ZALO_TOKEN",
        "ZALO_API_URL",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", "not a token"),
        ("BOT_API_URL", "ftp://example.org"),
        ("BOT_API_URL", "http://api.example.org"),
        ("BOT_API_URL", "http://127.0.0.1.example.org"),
        ("ZALO_TOKEN", "not a token"),
        ("ZALO_TOKEN", "123456"),
        ("ZALO_TOKEN", "123456:"),
        ("ZALO_TOKEN", "123456:with/slash"),
        ("ZALO_TOKEN", "abc:letters"),
        ("ZALO_API_URL", "bot-api.example.org"),
        ("ZALO_API_URL", "http://bot-api.example.org"),
        ("BOT_PUBLIC_URL", "bot.example.org"),
        ("DATABASE_URL", "mysql://root@localhost/x"),
        ("BOT_TIMEZONE", "Asia/Nowhere"),
        ("BOT_ADMINS", "123, or me"),
        ("BOT_LISTEN", "everywhere"),
        ("BOT_LISTEN", "127.0.0.1:999999"),
        ("BOT_ADMINS", "x"),
        ("BOT_RING_SECONDS", "0"),
        ("BOT_RATES", "fast"),
        ("BOT_SOFFICE", "soffice"),
        ("BOT_SOFFICE", "/nowhere/soffice"),
        ("BOT_SOFFICE", "/tmp"),
        ("BOT_MODE", "pigeon"),
        ("BOT_WEBHOOK_URL", "bot.example.org"),
        ("BOT_WEBHOOK_URL", "https://bot.example.org/?a=b"),
        ("BOT_WEBHOOK_URL", "https://name:word@bot.example.org"),
        ("BOT_WEBHOOK_SECRET", "bí mật"),
        ("BOT_WEBHOOK_SECRET", "a" * 257),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsTrouble) as trouble:
        read_settings()
    assert str(trouble.value).startswith(f"{name}: ")
    assert "\n" not in str(trouble.value)


WEBHOOK = {
    "BOT_MODE": "webhook",
    "BOT_WEBHOOK_URL": "https://bot.example.org/chibo/",
    "BOT_WEBHOOK_SECRET": "very_secret-1",
    "BOT_LISTEN": "127.0.0.1:8081",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_WEBHOOK_URL", ""),
        ("BOT_WEBHOOK_SECRET", ""),
        ("BOT_LISTEN", ""),
        ("BOT_WEBHOOK_URL", "http://bot.example.org"),
        ("BOT_WEBHOOK_URL", "http://127.0.0.1:8081"),
    ],
)
def test_what_a_webhook_lacks_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    for known, good in (WEBHOOK | {name: value}).items():
        monkeypatch.setenv(known, good)
    with pytest.raises(SettingsTrouble) as trouble:
        read_settings()
    assert str(trouble.value).startswith(f"{name}: ")
    assert "\n" not in str(trouble.value)


def test_a_webhook_in_the_clear_is_for_a_server_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    local = {"BOT_WEBHOOK_URL": "http://127.0.0.1:8081", "BOT_API_URL": "http://localhost:8082"}
    for name, value in (WEBHOOK | local).items():
        monkeypatch.setenv(name, value)
    assert read_settings().bot_webhook_url == "http://127.0.0.1:8081"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"BOT_WEBHOOK_SECRET": "seven_7"}, "BOT_WEBHOOK_SECRET: "),
        ({"BOT_WEBHOOK_SECRET": "eight__8"}, None),
        ({"BOT_WEBHOOK_SECRET": "seven_7", "ZALO_TOKEN": ""}, None),
        ({"BOT_WEBHOOK_URL": "http://127.0.0.1:8081"}, "BOT_WEBHOOK_URL: "),
        ({"BOT_WEBHOOK_URL": "http://127.0.0.1:8081", "ZALO_API_URL": "http://localhost:8082/zalo"}, None),
        (
            {
                "BOT_WEBHOOK_URL": "http://127.0.0.1:8081",
                "BOT_API_URL": "http://localhost:8082",
                "BOT_TOKEN": "1:x",
            },
            "BOT_WEBHOOK_URL: ",
        ),
    ],
)
def test_what_zalo_wants_of_a_webhook(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], named: str | None
) -> None:
    for name, value in (WEBHOOK | {"ZALO_TOKEN": "123456:letters"} | given).items():
        monkeypatch.setenv(name, value)
    if named is None:
        assert read_settings().bot_mode == "webhook"
        return
    with pytest.raises(SettingsTrouble) as trouble:
        read_settings()
    assert str(trouble.value).startswith(named)
    assert "\n" not in str(trouble.value)


def test_links_lead_to_where_messengers_come_unless_it_is_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().public_url is None
    monkeypatch.setenv("BOT_WEBHOOK_URL", "https://bot.example.org/chibo/")
    assert read_settings().public_url == "https://bot.example.org/chibo"
    monkeypatch.setenv("BOT_PUBLIC_URL", "https://files.example.org/")
    assert read_settings().public_url == "https://files.example.org"


def test_a_webhook_may_lie_under_a_path_and_its_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WEBHOOK.items():
        monkeypatch.setenv(name, value)
    assert read_settings().bot_webhook_url == "https://bot.example.org/chibo"
    assert "very_secret" not in repr(read_settings())


def test_administrators_are_accounts_on_a_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_ADMINS", "123, zalo:ab12")
    assert read_settings().bot_admins == (Address("telegram", "123"), Address("zalo", "ab12"))


def test_the_token_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123456:very-secret")
    monkeypatch.setenv("ZALO_TOKEN", "123456:very-secret")
    assert "very-secret" not in repr(read_settings())
