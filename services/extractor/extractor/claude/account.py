"""Every file that the rules read is accounted for once: Claude read it too, or the reason is named."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from devnexus.events.patterns_extracted import NotRead
from extractor.claude.packing import TOO_MUCH
from extractor.left_out import left_out_by_reason


def account(
    read: Sequence[str], answered: Collection[str], because: Mapping[str, str]
) -> tuple[NotRead, ...]:
    """Those of `read` (`Reading.read`) that have no answer, old or new, by the reason that `because` tells.

    One that nobody says anything of was not even taken: the calls were full.
    """
    by_reason: dict[str, list[str]] = defaultdict(list)
    for path in read:
        if path not in answered:
            by_reason[because.get(path, TOO_MUCH)].append(path)
    return left_out_by_reason(by_reason)
