"""Rows and cards of the models page, made from what is known of models. No Qt, no files, no network."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from app.language import mark, tr
from app.models import cascade
from app.models.cards import card_for
from app.models.catalogue import KNOWN, KnownRepository
from app.models.starter import starter_path
from ui import words
from ui.control.fits import Fits
from ui.control.model_facts import facts_of
from ui.models.fit_column import Candidate, Recommendation
from ui.models.values import Action, Card, Fact, Group, Row

if TYPE_CHECKING:
    from app.errors import UserError
    from app.models.gguf import ModelHeader
    from app.models.layout import Layout
    from app.models.listing import Choice, Listing
    from app.models.tensors import Tensor
    from ui.models.fit_column import FitText
    from ui.workers.hub import LocalFound

LOCAL = "local"
_NAME = 120  # characters
_OFFLINE = mark("Sizes as known when this version was made.")
_LEFT_OUT = 12
#: Headings of the known repositories: the model as people call it.
_KNOWN_TITLE = "Nemotron-Cascade-2"


@dataclass(frozen=True)
class Offer:
    """A model that can be fetched; `choice` is None while its repository was not listed."""

    key: str
    repo: str
    name: str
    quantization: str
    size: int
    exact: bool = True
    runs_on: str = ""
    choice: Choice | None = None


@dataclass
class Shelf:
    """All that the page knows.

    Attributes:
        folder: of downloaded models; only what is in it can be deleted.
        loaded: path of the model that is loaded, or an empty string.
        hidden: keys of models that are being removed.
        typed: a repository that the person asked for.
        headers: of files on the hub, by the key of their row.
        fetching: repository and name of what is being downloaded.
        places: folders and files of the person's that are looked into.
    """

    folder: Path
    local: tuple[LocalFound, ...] = ()
    loaded: str = ""
    hidden: set[str] = field(default_factory=set)
    listings: dict[str, Listing] = field(default_factory=dict)
    troubles: dict[str, UserError] = field(default_factory=dict)
    typed: str = ""
    headers: dict[str, ModelHeader] = field(default_factory=dict)
    header_troubles: dict[str, str] = field(default_factory=dict)
    fetching: frozenset[tuple[str, str]] = frozenset()
    fits: Fits = field(default_factory=Fits)
    places: list[str] = field(default_factory=list)

    # ---- what there is --------------------------------------------------------------------

    def offers(self, repo: str) -> tuple[Offer, ...]:
        """What a repository offers: as it was listed, else as the catalogue knows it."""
        known = next((one for one in KNOWN if one.repo == repo), None)
        listing = self.listings.get(repo)
        if listing is None:
            return tuple(_offline(known)) if known is not None else ()
        runs_on = {one.path: one.fits for one in known.files} if known is not None else {}
        return tuple(
            Offer(
                f"hub:{repo}:{one.name}",
                repo,
                one.name,
                one.quantization,
                one.size,
                runs_on=runs_on.get(one.files[0].path, ""),
                choice=one,
            )
            for one in listing.choices
        )

    def offer(self, key: str) -> Offer | None:
        """The offer of a row; None for any other."""
        repos = [*(one.repo for one in KNOWN), self.typed]
        return next((one for repo in repos if repo for one in self.offers(repo) if one.key == key), None)

    def found(self, key: str) -> LocalFound | None:
        """The model on this machine of a row; None for any other."""
        return next((one for one in self.local if local_key(one) == key), None)

    def is_known(self, repo: str) -> bool:
        """Whether it is one of the real model's repositories."""
        return any(one.repo == repo for one in KNOWN)

    def here(self, offer: Offer) -> LocalFound | None:
        """The file of an offer where it was downloaded."""
        paths = [file.path for file in offer.choice.files] if offer.choice else [f"{offer.name}.gguf"]
        target = self.folder.joinpath(*offer.repo.split("/"), *PurePosixPath(paths[0]).parts)
        return next((one for one in self.local if one.model.files[0] == target), None)

    def can_delete(self, found: LocalFound) -> bool:
        """Whether it lies in the app's own folder."""
        return all(file.is_relative_to(self.folder) for file in found.model.files)

    def recommendation(self) -> Recommendation | None:
        """Which of the real model's files to take."""
        found = [
            Candidate(one.key, one.quantization, one.size, *self._shape(one))
            for known in KNOWN
            for one in self.offers(known.repo)
        ]
        return self.fits.recommend(found)

    # ---- rows -----------------------------------------------------------------------------

    def groups(self) -> tuple[Group, ...]:
        """Everything in the order in which it is shown."""
        best = self.recommendation()
        hub = [
            Group(f"repo:{one.repo}", _KNOWN_TITLE, self._offered(one.repo, best), one.repo, number == 0)
            for number, one in enumerate(KNOWN)
        ]
        if self.typed and not self.is_known(self.typed):
            typed = Group(
                f"repo:{self.typed}",
                words.shown_line(self.typed.partition("/")[2], _NAME),
                self._offered(self.typed, best),
                words.shown_line(self.typed, _NAME),
            )
            hub.insert(0, typed)
        return (Group(LOCAL, tr("On this machine"), self._local_rows()), *hub)

    def _local_rows(self) -> tuple[Row, ...]:
        rows = []
        for one in self.local:
            key = local_key(one)
            if key in self.hidden:
                continue
            header, model = one.header, one.model
            fit = self._tell(key, model.size, header)
            rows.append(
                Row(
                    key,
                    words.shown_line(model.name, _NAME),
                    detail=words.shown_line(one.problem, _NAME),
                    mark=tr("Loaded") if str(model.files[0]) == self.loaded else "",
                    quantization=model.quantization or (header.quantization if header else ""),
                    size=words.size(model.size),
                    fits=fit.words if fit else "",
                    longest=fit.longest if fit else "",
                    tone="danger" if one.problem else fit.tone if fit else "",
                )
            )
        return tuple(rows) or (Row("note:local", tr("No model is here yet."), note=True),)

    def _offered(self, repo: str, best: Recommendation | None) -> tuple[Row, ...]:
        rows = []
        listing, trouble = self.listings.get(repo), self.troubles.get(repo)
        if trouble is not None:
            rest = f" {tr(_OFFLINE)}" if listing is None and self.is_known(repo) else ""
            rows.append(Row(f"note:{repo}", f"{trouble}{rest}", note=True, tone="warning"))
        for one in self.offers(repo):
            fit = self.fits.tell(one.key, one.size, *self._shape(one))
            chosen = best is not None and best.key == one.key
            size = words.size(one.size)
            rows.append(
                Row(
                    one.key,
                    words.shown_line(one.name, _NAME),
                    detail=best.why if best is not None and chosen else "",
                    mark=self._mark(one) or (tr("Recommended") if chosen else ""),
                    quantization=one.quantization,
                    size=size if one.exact else tr("about {size}", size=size),
                    fits=fit.words if fit else "",
                    longest=fit.longest if fit else "",
                    tone=fit.tone if fit else "",
                )
            )
        for number, reason in enumerate((listing.left_out if listing else ())[:_LEFT_OUT]):
            text = words.shown_line(tr("Left out: {reason}", reason=reason), 2 * _NAME)
            rows.append(Row(f"note:{repo}:{number}", text, note=True))
        return tuple(rows)

    def _mark(self, offer: Offer) -> str:
        found = self.here(offer)
        if (offer.repo, offer.name) in self.fetching:
            return tr("Downloading")
        if found is None or local_key(found) in self.hidden:
            return ""
        return tr("Loaded") if str(found.model.files[0]) == self.loaded else tr("On this machine")

    def _shape(self, offer: Offer) -> tuple[Layout | None, tuple[Tensor, ...] | None]:
        """Layout and tensors of the very file, else the layout of another one of that repository."""
        header = self.headers.get(offer.key)
        if header is not None:
            return header.layout, header.tensors
        prefix = f"hub:{offer.repo}:"
        other = next((one for key, one in self.headers.items() if key.startswith(prefix)), None)
        if other is not None:
            return other.layout, None
        return (cascade.layout() if self.is_known(offer.repo) else None), None

    def _tell(self, key: str, size: int, header: ModelHeader | None) -> FitText | None:
        shape = (header.layout, header.tensors) if header is not None else (None, None)
        return self.fits.tell(key, size, *shape)

    # ---- cards ----------------------------------------------------------------------------

    def card(self, key: str) -> Card | None:
        """Everything about the model of a row; None where there is none."""
        found, offer = self.found(key), self.offer(key)
        if found is not None and key not in self.hidden:
            return self._local_card(key, found)
        return self._offer_card(offer) if offer is not None else None

    def _local_card(self, key: str, found: LocalFound) -> Card:
        model = found.model
        path = model.files[0]
        loaded = str(path) == self.loaded
        primary = Action("load", tr("Loaded") if loaded else tr("Load"), not loaded and not found.problem)
        others = [Action("folder", tr("Show in folder"))]
        if path == starter_path():
            others.append(Action("remove", tr("Remove"), False, tr("It comes with the app")))
        elif self.can_delete(found):
            tip = tr("Load another model first") if loaded else ""
            others.append(Action("remove", tr("Remove"), not loaded, tip))
        else:
            alone = str(path) in self.places
            tip = (
                tr("The file stays where it is")
                if alone
                else tr("With its folder; the files stay where they are")
            )
            others.append(Action("forget", tr("Take off the list"), tip=tip))
        fit = self._tell(key, model.size, found.header)
        place = Fact(tr("File") if len(model.files) == 1 else tr("First file"), str(path))
        return Card(
            key,
            words.shown_line(model.name, _NAME),
            _subtitle(model.quantization, words.size(model.size)),
            fit=fit.words if fit else "",
            tone=fit.tone if fit else "",
            about=card_for(model.name),
            facts=(*(facts_of(found.header) if found.header else ()), place),
            problem=found.problem,
            primary=primary,
            others=tuple(others),
        )

    def _offer_card(self, offer: Offer) -> Card:
        header, best = self.headers.get(offer.key), self.recommendation()
        fit = self.fits.tell(offer.key, offer.size, *self._shape(offer))
        listing, here = self.listings.get(offer.repo), self.here(offer)
        size = words.size(offer.size)
        primary = Action("download", tr("Download {size}", size=size))
        if (offer.repo, offer.name) in self.fetching:
            primary = Action("download", tr("Downloading"), False)
        elif here is not None and local_key(here) not in self.hidden:
            loaded = str(here.model.files[0]) == self.loaded
            primary = Action("load", tr("Loaded") if loaded else tr("Load"), not loaded)
        facts = [Fact(tr("Runs well on"), tr(offer.runs_on))] if offer.runs_on else []
        facts += facts_of(header) if header else ()
        if listing is not None:
            licence = listing.licence.name or tr("The repository names none")
            facts.append(Fact(tr("Licence"), words.shown_line(licence, _NAME)))
        if listing is not None and listing.gated:
            facts.append(Fact(tr("Access"), tr("Its publisher wants to be asked first")))
        facts.append(Fact(tr("Repository"), words.shown_line(offer.repo, _NAME)))
        return Card(
            offer.key,
            words.shown_line(offer.name, _NAME),
            _subtitle(offer.quantization, size if offer.exact else tr("about {size}", size=size)),
            why=best.why if best is not None and best.key == offer.key else "",
            fit=fit.words if fit else "",
            tone=fit.tone if fit else "",
            about=card_for(offer.name) if self.is_known(offer.repo) else None,
            facts=tuple(facts),
            problem=self.header_troubles.get(offer.key, ""),
            primary=primary,
            others=(Action("page", tr("Open its page")),),
        )


def local_key(found: LocalFound) -> str:
    """The key of the row of a model on this machine."""
    return f"file:{found.model.files[0]}"


def _subtitle(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _offline(known: KnownRepository) -> list[Offer]:
    return [
        Offer(
            f"hub:{known.repo}:{file.path.removesuffix('.gguf')}",
            known.repo,
            file.path.removesuffix(".gguf"),
            file.quantization,
            file.size,
            file.exact,
            file.fits,
        )
        for file in known.files
    ]
