"""The screens of assisted entry: who helps whom, one card, the text before the member, proofs, the paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from handlers.assisting.views import AssistView, Card
from handlers.dialogue.flow import Option
from handlers.dialogue.fold import fold
from handlers.dialogue.phrases import Phrase, lines, paragraphs, t
from handlers.review.reading import page_of, page_options
from storage.assistances import Source
from storage.records import Member


def list_body(view: AssistView) -> Phrase:
    """What is open, and what can be done here."""
    head = t("assisting.list.leads" if view.leads else "assisting.list")
    if not view.running:
        return paragraphs(head, t("assisting.list.none" if view.leads else "assisting.list.nobody"))
    return paragraphs(head, lines(*map(_running_line, view.running)))


def _running_line(card: Card) -> Phrase:
    return t(
        "assisting.list.line",
        name=card.member.full_name,
        helper=card.helper.full_name,
        state=_state(card),
        until=card.assistance.expires_at,
    )


def _state(card: Card) -> Phrase:
    waits = card.assistance.offered_at is not None and not card.changed
    return t("assisting.state.waits" if waits else "assisting.state.writing")


def list_options(view: AssistView) -> tuple[Option, ...]:
    """Every open one; for who leads, the ways to begin another."""
    options = [
        Option(f"a{card.assistance.id}", t("assisting.option.card_of", name=card.member.full_name))
        for card in view.running
    ]
    if view.leads:
        options.append(Option("new", t("assisting.option.new"), ("moi", "them", "new")))
    options.append(Option("paper", t("assisting.option.paper"), ("ban giay", "giay", "paper")))
    return tuple(options)


def members_body(view: AssistView) -> Phrase:
    """Whom to help."""
    if view.cursor.get("find") and not view.people:
        return t("assisting.members.not_found")
    return t("assisting.members" if view.people else "assisting.members.none")


def people_options(view: AssistView) -> tuple[Option, ...]:
    """The people of the page, and the pages beside it."""
    me = (Option("me", t("assisting.option.me"), ("toi", "me")),) if view.member and view.page == 0 else ()
    listed = (Option(f"p{one.id}", t("assisting.option.person", name=_name(one))) for one in view.on_page)
    everybody = (Option("all", t("assisting.option.all"), ("tat ca", "all")),) if view.cursor.get("find") else ()
    return (*me, *listed, *page_options(view.pages, view.page), *everybody)


def read_search(typed: str) -> str | None:
    """Words to look for in names: two letters at least."""
    words = fold(typed)
    return words if 2 <= len(words) <= 60 else None


def found_in(people: Iterable[Member], words: object) -> tuple[Member, ...]:
    """Those whose names have these words, in any order; everybody where none are given."""
    wanted = words.split() if isinstance(words, str) else []
    return tuple(one for one in people if all(word in fold(one.full_name).split() for word in wanted))


def _name(person: Member) -> str:
    return person.full_name if len(person.full_name) <= 50 else f"{person.full_name[:49]}…"


def helpers_body(view: AssistView) -> Phrase:
    """Who is to type."""
    if view.cursor.get("find") and not view.people:
        return t("assisting.members.not_found")
    return t("assisting.helpers", name=view.member.full_name if view.member else "–")


def card_body(view: AssistView) -> Phrase:
    """For whom, who, from when to when, where it stands, what is to be done next."""
    card = view.card
    if card is None:
        return t("assisting.over.gone")
    one = card.assistance
    facts = lines(
        t("assisting.card", name=card.member.full_name, year=card.year),
        _helper(card),
        t("assisting.card.source", source=t(f"assisting.source.{one.source}")),
        t("assisting.card.written", count=one.written),
        t("assisting.card.photographs", count=card.photographs) if card.photographs else None,
    )
    return paragraphs(facts, lines(*_standing(view, card)))


def _standing(view: AssistView, card: Card) -> Iterator[Phrase]:
    one = card.assistance
    if not one.open_at(view.now):
        if one.confirmed_by and one.confirmed_at:
            proof = t(f"assisting.proof.{one.confirmed_by}")
            yield t("assisting.card.confirmed", proof=proof, at=one.confirmed_at, version=one.version or 0)
        else:
            yield t(f"assisting.over.{one.ended_how or 'expired'}", name=card.member.full_name)
        return
    yield t("assisting.card.until", until=one.expires_at)
    if one.offered_at is None:
        yield t("assisting.card.next.write")
    elif card.changed:
        yield t("assisting.card.next.changed")
    else:
        yield t("assisting.card.offered", at=one.offered_at)
        yield t("assisting.card.next.phone" if card.reachable else "assisting.card.next.no_phone")
        if card.reachable and one.code_hash is None:
            yield t("assisting.card.no_code")


def card_options(view: AssistView) -> tuple[Option, ...]:
    """What can be done with it now, by this person."""
    card = view.card
    if card is None:
        return ()
    return tuple(_card_options(view, card))


def _card_options(view: AssistView, card: Card) -> Iterator[Option]:
    one = card.assistance
    mine = one.helper_id == view.me.id
    if card.photographs and (mine or view.leads):
        yield Option("photos", t("assisting.option.photos"), ("anh", "xem anh", "photos"))
    if not one.open_at(view.now):
        return
    if mine:
        yield Option("write", t("assisting.option.write"), ("viet", "nhap", "write"))
    if mine and one.offered_at is not None and not card.changed:
        if one.code_hash is not None:
            yield Option("code", t("assisting.option.code"), ("ma", "nhap ma", "code"))
        yield Option("voice", t("assisting.option.voice"), ("ghi am", "thoai", "voice"))
        if not card.reachable:
            yield Option("print", t("assisting.option.print"), ("in", "in ra", "print"))
    if view.leads and one.offered_at is not None and not card.changed and not card.reachable:
        yield Option("sign", t("assisting.option.sign"), ("chu ky", "ky", "signature"))
    if mine and card.reachable and one.offered_at is not None:
        yield Option("again", t("assisting.option.again"), ("gui lai", "again"))
    if mine or view.leads:
        yield Option("end", t("assisting.option.end"), ("ket thuc", "thoi", "end"))


def code_body(view: AssistView) -> Phrase:
    """Whose code is to be typed."""
    return t("assisting.code", name=view.card.member.full_name if view.card else "–")


def text_body(view: AssistView) -> Phrase:
    """The text on the helper's screen while the member says yes into the microphone."""
    return _text(view, t("assisting.voice", name=view.card.member.full_name if view.card else "–"))


def sign_body(view: AssistView) -> Phrase:
    """What the photograph of the signature must show."""
    return t("assisting.sign", name=view.card.member.full_name if view.card else "–")


def _helper(card: Card) -> Phrase:
    if card.helper.id == card.opened_by.id:
        return t("assisting.card.helper_self", name=card.helper.full_name)
    return t("assisting.card.helper", name=card.helper.full_name, by=card.opened_by.full_name)


def own_body(view: AssistView) -> Phrase:
    """The text on the member's own screen, who typed it, and what to do with it."""
    card = view.card
    if card is None:
        return t("assisting.over.gone")
    return _text(view, t("assisting.own", helper=card.helper.full_name, year=card.year))


def _text(view: AssistView, head: Phrase) -> Phrase:
    pages = view.card.text if view.card else ()
    if not pages:
        return t("assisting.confirm.changed")
    page = page_of(pages, view.cursor)
    return paragraphs(lines(head, t("review.page", page=page + 1, pages=len(pages))), pages[page])


def turning(view: AssistView) -> tuple[Option, ...]:
    """The pages of the text."""
    pages = view.card.text if view.card else ()
    return page_options(len(pages), page_of(pages, view.cursor)) if pages else ()


def own_options(view: AssistView) -> tuple[Option, ...]:
    """The pages; at the last one the yes, at every one the no."""
    pages = view.card.text if view.card else ()
    last = bool(pages) and page_of(pages, view.cursor) + 1 == len(pages)
    yes = (Option("yes", t("assisting.option.yes"), ("dung", "dong y", "yes")),) if last else ()
    no = (Option("no", t("assisting.option.no"), ("chua dung", "khong", "no")),) if pages else ()
    return (*turning(view), *yes, *no)


def pages_body(view: AssistView) -> Phrase:
    """Whose paper it is, and how many photographs of it there are."""
    if view.member is None:
        return t("assisting.over.gone")
    got = t("assisting.pages.got", count=view.photographs) if view.photographs else None
    return paragraphs(t("assisting.pages", name=view.member.full_name), got)


def pages_options(view: AssistView) -> tuple[Option, ...]:
    """Done, once there is a photograph."""
    label = t("assisting.option.transcribe" if view.leads else "assisting.option.hand_over")
    return (Option("done", label, ("xong", "done")),) if view.photographs else ()


def source_of(view: AssistView) -> Source:
    """Where the words come from: from paper where the way led over a photograph of it."""
    return Source.PAPER if view.cursor.get("source") == Source.PAPER else Source.SPOKEN
