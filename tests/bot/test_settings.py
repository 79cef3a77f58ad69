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
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", "not a token"),
        ("BOT_API_URL", "ftp://example.org"),
        ("DATABASE_URL", "mysql://root@localhost/x"),
        ("BOT_TIMEZONE", "Asia/Nowhere"),
        ("BOT_ADMINS", "123, or me"),
        ("BOT_LISTEN", "everywhere"),
        ("BOT_LISTEN", "127.0.0.1:999999"),
        ("BOT_ADMINS", "x"),
        ("BOT_RING_SECONDS", "0"),
        ("BOT_RATES", "fast"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsTrouble) as trouble:
        read_settings()
    assert str(trouble.value).startswith(f"{name}: ")
    assert "\n" not in str(trouble.value)


def test_administrators_are_accounts_on_a_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_ADMINS", "123, zalo:ab12")
    assert read_settings().bot_admins == (Address("telegram", "123"), Address("zalo", "ab12"))


def test_the_token_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123456:very-secret")
    assert "very-secret" not in repr(read_settings())
