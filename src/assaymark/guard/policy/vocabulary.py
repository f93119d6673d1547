"""Names that a policy may use, and what a tool's name says of its effect."""

import re
import unicodedata
from fnmatch import translate
from functools import lru_cache

from assaymark.guard.policy.model import Effect

__all__ = ["PERSONAL_KINDS", "SECRET_KINDS", "covers", "guessed_effects", "matches", "tool_name"]

SECRET_KINDS = frozenset({
    "anthropic_key", "assigned_secret", "aws_access_key", "aws_secret_key", "azure_storage_key",
    "connection_string", "github_token", "gitlab_token", "google_api_key", "google_oauth_secret",
    "huggingface_token", "jwt", "npm_token", "openai_key", "private_key", "pypi_token", "sendgrid_key",
    "slack_token", "slack_webhook", "stripe_key", "telegram_token", "twilio_key",
})  # fmt: skip
"""What `egress.secrets.kinds` may name; a test compares it with the rules."""
PERSONAL_KINDS = frozenset({
    "dutch_bsn", "email", "french_nir", "german_tax_id", "iban", "italian_cf", "nhs_number", "passport_mrz",
    "payment_card", "phone", "polish_pesel", "spanish_dni", "swedish_personnummer", "uk_nino", "us_ssn",
})  # fmt: skip
"""What `egress.personal_data.kinds` may name; a test compares it with the rules."""

_VERBS: dict[Effect, str] = {
    Effect.PAY: "pay purchase buy checkout charge refund transfer withdraw donate invoice wire bank order"
    " book subscribe",
    Effect.DELETE: "delete remove drop purge erase destroy wipe truncate unlink rm cancel revoke terminate"
    " uninstall archive prune",
    Effect.EXECUTE: "execute exec run eval shell bash terminal command cmd python script sql deploy install"
    " launch spawn invoke interpreter computer kubectl docker sudo code",
    Effect.SEND: "send email mail post publish share tweet message notify forward reply upload submit"
    " dispatch push sms slack broadcast invite export webhook http fetch request curl browse navigate comment"
    " dm sync",
    Effect.WRITE: "write create update edit set add insert modify save patch rename move append replace put"
    " store grant assign schedule upsert merge enable disable reset change",
    Effect.READ: "read get list search find lookup query view show describe count check load retrieve"
    " calculate calculator weather time",
}
"""Verbs and nouns in tool names; the first that occurs in the name counts most (`get_email` reads)."""
_EFFECT_OF = {word: effect for effect, words in _VERBS.items() for word in words.split()}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def tool_name(name: str) -> str:
    """A tool's name as globs see it: compatibility forms folded, invisible characters gone."""
    folded = unicodedata.normalize("NFKC", name)
    return "".join(c for c in folded if unicodedata.category(c) not in ("Cf", "Cc", "Cs")).strip()


@lru_cache(maxsize=4096)
def _compiled(glob: str) -> re.Pattern[str]:
    # `translate` makes atomic groups of stars since Python 3.11: no backtracking between them.
    return re.compile(translate(glob))


def matches(glob: str, name: str) -> bool:
    """Whether the whole of `name` fits `glob` (`*`, `?`, `[ab]`); case counts."""
    return glob == name or _compiled(glob).match(name) is not None


def covers(wide: str, narrow: str) -> bool:
    """Whether every name that fits `narrow` surely fits `wide`; False where that cannot be told."""
    if wide == narrow or wide == "*":
        return True
    if "[" in narrow or "?" in narrow or ("*" in narrow and ("[" in wide or "?" in wide)):
        return False
    return matches(wide, narrow.replace("*", "\x00"))


def guessed_effects(name: str) -> tuple[Effect, ...]:
    """What a tool can probably do, by the words of its name; most telling first, empty if nothing is told.

    The leading verb decides (`get_email` reads, `email_report` sends), but a word of power anywhere is
    kept too: `get_and_delete` also deletes.
    """
    words = [word.lower() for word in _WORD.findall(tool_name(name)[:200])]
    hits = [_EFFECT_OF[word] for word in words if word in _EFFECT_OF]
    if not hits:
        return ()
    if hits[0] is Effect.READ:
        power = [
            e for e in hits[1:] if e in (Effect.DELETE, Effect.PAY) or (e is Effect.SEND and _joined(words))
        ]
        return tuple(dict.fromkeys([*power, Effect.READ]))
    return tuple(dict.fromkeys(hits))


def _joined(words: list[str]) -> bool:
    return "and" in words or "then" in words
