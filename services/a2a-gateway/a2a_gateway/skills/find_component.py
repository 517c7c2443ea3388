"""`find_component`: who has a class or function like the one that is needed, before it is written again."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import AliasChoices, Field

from a2a_gateway.answer import Answer, Part
from a2a_gateway.knowledge.component_copies import Copy, copies_elsewhere
from a2a_gateway.knowledge.component_texts import plain
from a2a_gateway.knowledge.nearest import known_repository
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.paging import Paged, Pagination, page_of
from a2a_gateway.skill import ReadingSkill
from devnexus.alike import sentences
from devnexus.alike.bag import place
from devnexus.knowledge.projection import Projection, StandingComponent
from devnexus.timestamps import Timestamp

_COPIES_SHOWN = 10
_METHODS_SHOWN = 50
_WORDS = 20

_Found = tuple[Projection, StandingComponent]
_Rank = tuple[bool, int, int, int, str, str]


class FindComponent(Paged):
    """What to look for; what is empty leaves none out."""

    name: str = ""
    """The name or a part of it, whatever its case and whatever stands between its words."""
    words: Annotated[str, Field(validation_alias=AliasChoices("words", "description", "query"))] = ""
    """Words that its name or description holds, all of them, as wholes or in part; at most 20 count."""
    language: str = ""
    """Such as `Python`, whatever its case."""
    kind: Annotated[str, Field(validation_alias=AliasChoices("kind", "component_type", "type"))] = ""
    """`class`, `function` and the like."""
    repository: str = ""
    """Look at this repository only: `<owner>/<name>`."""
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class ComponentCopy(Part):
    """Where else it stands."""

    repository: str
    place: str
    """`<path>:<first line>-<last line>`."""
    likeness: float
    """The share of equal lines; 1 only where all are."""
    changed_last: str | None
    """`here` or `there`: whose was seen to change last, where they differ."""


class FoundComponent(Part):
    """A documented class or function."""

    name: str
    type: str
    repository: str
    language: str
    loc: int
    """Lines of code."""
    description: str | None
    files: list[str]
    place: str
    """`<path>:<first line>-<last line>`."""
    commit: str
    """The commit that the lines were read at."""
    public_methods: list[str]
    """At most 50."""
    first_seen: Timestamp
    changed_at: Timestamp | None
    """When other code than was known first came; null while it is as it was."""
    copies: list[ComponentCopy]
    """The same code under any name, or nearly the same under its own, elsewhere: at most 10."""
    copy_count: int


class FoundComponents(Answer):
    """Those of the very name first, then those with the words in their names, then the largest."""

    components: list[FoundComponent]
    total_components: int
    """How many there are of the kind, listed or not."""
    pagination: Pagination


def find_component(asked: FindComponent, knowledge: Reading) -> FoundComponents:
    """Find components by name, by what they say of themselves and by where they stand."""
    name, words = plain(asked.name), asked.words.casefold().split()[:_WORDS]
    found = sorted(
        (_rank(line, page, one, name, words), index, (page, one))
        for index, (line, page, one) in enumerate(_matching(asked, words, knowledge))
    )
    page = page_of([pair for *_, pair in found], asked, lambda pair: _shown(*pair, knowledge))
    return FoundComponents(components=page.items, total_components=page.total, pagination=page.pagination)


def _matching(
    asked: FindComponent, words: Sequence[str], knowledge: Reading
) -> Iterator[tuple[str, Projection, StandingComponent]]:
    """Each component that is meant, behind its line of text."""
    name, language, kind = plain(asked.name), asked.language.casefold(), asked.kind.casefold()
    for texts in [knowledge.components.of(page) for page in _among(asked, knowledge)]:
        page = texts.page
        if name not in texts.whole or not all(word in texts.whole for word in words):
            continue
        for line, one in zip(texts.lines, page.components, strict=True):
            if (
                (not words or all(word in line for word in words))
                and (not name or name in line.partition("\n")[0])
                and (not language or one.language.casefold() == language)
                and (not kind or one.component_type.casefold() == kind)
            ):
                yield line, page, one


def _among(asked: FindComponent, knowledge: Reading) -> Sequence[Projection]:
    if not asked.repository:
        return knowledge.repositories
    page = known_repository(asked.repository, knowledge)
    return (page,)


def _rank(
    line: str, page: Projection, component: StandingComponent, name: str, words: Sequence[str]
) -> _Rank:
    own_name, _, said = line.partition("\n") if name or words else ("", "", "")
    whole_words = said.split() if words else ()
    return (
        own_name != name,
        -sum(word in own_name for word in words),
        -sum(word in whole_words for word in words),
        -component.lines_of_code,
        page.repository_name,
        component.component_id,
    )


def _shown(page: Projection, component: StandingComponent, knowledge: Reading) -> FoundComponent:
    copies = copies_elsewhere(page, component, knowledge)
    where = place(component.files[0], component.start, component.end, component.commit)
    return FoundComponent(
        name=component.name,
        type=component.component_type,
        repository=knowledge.name(page),
        language=component.language,
        loc=component.lines_of_code,
        description=component.description,
        files=list(component.files),
        place=sentences.place(where),
        commit=component.commit,
        public_methods=list(component.public_methods[:_METHODS_SHOWN]),
        first_seen=component.first_seen,
        changed_at=component.changed.at if component.changed else None,
        copies=[_copy(one, knowledge) for one in copies[:_COPIES_SHOWN]],
        copy_count=len(copies),
    )


def _copy(copy: Copy, knowledge: Reading) -> ComponentCopy:
    there, shared = copy
    return ComponentCopy(
        repository=knowledge.name(there),
        place=sentences.place(shared.there),
        likeness=shared.likeness,
        changed_last=shared.changed_last,
    )


SKILL = ReadingSkill(
    id="find_component",
    name="Find Component",
    description="Find classes and functions that repositories have already, by name, words, language and"
    " kind, with their lines and where else the same code stands.",
    tags=("components", "reuse", "search"),
    input=FindComponent,
    output=FoundComponents,
    run=find_component,
    example=FindComponent(name="client"),
)
