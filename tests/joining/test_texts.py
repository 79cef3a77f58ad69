"""What people agreed to must stay provable: the sentences may only change together with their version."""

from __future__ import annotations

import pytest

from handlers.joining import rules
from handlers.organisation.permissions import Verb, roles_with
from handlers.texts import LANGUAGES, sentences
from storage.records import Role

IDS = ("joining.readers", "joining.consent", "joining.via.telegram", "joining.via.zalo", "joining.via.other")
HASHES: dict[tuple[str, str], str] = {
    ("2026-11", "vi"): "bd7cb84d6ba3767a3155b21f4aa5f234ec08a6a890cfcd3535e534b456a8bb13",
    ("2026-11", "en"): "5c5db26279654dd9e66380facd35150c3c9cabf7398178a38a70b79a376c06d2",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_of_this_version_has_not_changed(language: str) -> None:
    found = rules.text_hash(*(sentences(language)[id_] for id_ in IDS))
    assert HASHES[rules.CONSENT_VERSION, language] == found, (
        "a new wording needs a new CONSENT_VERSION and its hash"
    )


def test_the_readers_who_are_named_are_those_who_may_read() -> None:
    assert roles_with(Verb.REVIEW_READ_CELL) == {Role.SECRETARY, Role.CHAIR, Role.DEPUTY}
    for word in ("thư ký", "bí thư", "phó bí thư"):
        assert word in sentences("vi")["joining.readers"]
    for word in ("secretary", "chair", "deputy"):
        assert word in sentences("en")["joining.readers"]
