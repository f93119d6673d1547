r"""The published formats of credentials, each with its source.

`anchor` is a short RE2 pattern by which a place is found; `heads` are the bytes with which it can begin;
`pattern` is matched there (`back` bytes earlier) and is bounded, so that a place costs a bounded time.
"""

from msgspec import Struct

__all__ = ["FORMATS", "Format"]


class Format(Struct, frozen=True):
    """How one kind of credential looks."""

    kind: str
    anchor: bytes
    """RE2; matches where the credential (or, with `back`, its telling part) begins."""
    pattern: bytes
    source: str
    """Where its issuer, or a standard, describes it."""
    whole: bool = True
    """Whether no letter, digit or underscore may stand before it."""
    back: int = 0
    """Bytes that belong to it before the anchor."""

    @property
    def heads(self) -> frozenset[int]:
        """First bytes of what the anchor can match."""
        first = self.anchor
        if first.startswith(b"["):
            return frozenset(first[1 : first.index(b"]")])
        return frozenset(first[1:2] if first.startswith(b"\\") else first[:1])


_END = rb"(?![A-Za-z0-9_])"
_GITHUB = "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/"

FORMATS = (
    Format(
        "private_key",
        rb"-----BEGIN ",
        rb"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----",
        "RFC 7468 section 10 and 11; RFC 9580 section 6.2; OpenSSH PROTOCOL.key",
        whole=False,
    ),
    Format(
        "aws_access_key",
        rb"A(?:KIA|SIA)[A-Z2-7]",
        rb"A(?:KIA|SIA)[A-Z2-7]{16}(?![A-Z0-9])",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
        whole=False,
    ),
    Format("github_token", rb"gh[pousr]_", rb"gh[pousr]_[A-Za-z0-9]{36}" + _END, _GITHUB, whole=False),
    Format(
        "github_token",
        rb"github_pat_",
        rb"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
        _GITHUB,
        whole=False,
    ),
    Format(
        "gitlab_token",
        rb"gl[a-z]{2,5}-",
        rb"gl(?:pat|dt|rt|ptt|soat|ft|cbt|imt|agent|oas|ffct)-[A-Za-z0-9_-]{20,120}(?:\.[0-9a-z.]{2,20})?",
        "https://docs.gitlab.com/security/tokens/#token-prefixes",
    ),
    Format(
        "slack_token",
        rb"xox[a-z]",
        rb"xox(?:[abposr]|e(?:\.xox[bp])?)-[0-9A-Za-z-]{10,250}",
        "https://api.slack.com/authentication/token-types",
        whole=False,
    ),
    Format(
        "slack_token",
        rb"xapp-",
        rb"xapp-[0-9]-[A-Z0-9]{8,20}-[0-9]{8,20}-[0-9a-f]{32,100}",
        "https://api.slack.com/authentication/token-types",
    ),
    Format(
        "slack_webhook",
        rb"hooks\.slack\.com/",
        rb"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Z0-9]{6,14}/[A-Za-z0-9]{6,22}/[A-Za-z0-9/]{16,60}",
        "https://api.slack.com/messaging/webhooks",
        whole=False,
    ),
    Format(
        "google_api_key",
        rb"AIza",
        rb"AIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])",
        "https://cloud.google.com/docs/authentication/api-keys",
        whole=False,
    ),
    Format(
        "google_oauth_secret",
        rb"GOCSPX-",
        rb"GOCSPX-[A-Za-z0-9_-]{28}(?![A-Za-z0-9_-])",
        "https://support.google.com/googleapi/answer/6158849",
        whole=False,
    ),
    Format(
        "stripe_key",
        rb"[srk]k_(?:live|test)_",
        rb"[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}",
        "https://docs.stripe.com/keys",
    ),
    Format(
        "stripe_key",
        rb"whsec_",
        rb"whsec_[A-Za-z0-9+/]{32,80}=?",
        "https://docs.stripe.com/webhooks",
        whole=False,
    ),
    Format(
        "anthropic_key",
        rb"sk-ant-",
        rb"sk-ant-[a-z]{3,6}[0-9]{2}-[A-Za-z0-9_-]{40,200}",
        "https://docs.anthropic.com/en/api/overview",
        whole=False,
    ),
    Format(
        "openai_key",
        rb"sk-[A-Za-z0-9]",
        rb"sk-(?:(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{32,250}|[A-Za-z0-9]{32,64}(?![A-Za-z0-9_-]))",
        "https://platform.openai.com/docs/api-reference/authentication",
    ),
    Format(
        "huggingface_token",
        rb"hf_[A-Za-z]",
        rb"hf_[A-Za-z]{34}" + _END,
        "https://huggingface.co/docs/hub/security-tokens",
        whole=False,
    ),
    Format(
        "npm_token",
        rb"npm_[A-Za-z0-9]",
        rb"npm_[A-Za-z0-9]{36}" + _END,
        "https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/",
        whole=False,
    ),
    Format(
        "pypi_token",
        rb"pypi-Ag",
        rb"pypi-Ag(?:EIcHlwaS5vcmc|ENdGVzdC5weXBpLm9yZw)[A-Za-z0-9_-]{50,400}",
        "https://docs.pypi.org/api/secrets/",
        whole=False,
    ),
    Format(
        "jwt",
        rb"eyJ[A-Za-z0-9_-]",
        rb"eyJ[A-Za-z0-9_-]{8,2000}+\.eyJ[A-Za-z0-9_-]{2,8000}+(?:\.[A-Za-z0-9_-]{0,2000}+)?",
        "RFC 7519 section 3; RFC 7515 section 3.1",
    ),
    Format(
        "connection_string",
        rb"://[^\s:/@]{0,99}:",
        rb"://[^\s/:@\"'<>]{0,100}+:(?P<password>[^\s/@\"'<>]{1,200}+)@[A-Za-z0-9_.\[-][A-Za-z0-9_.:\[\]-]{0,252}",
        "RFC 3986 section 3.2.1",
        whole=False,
    ),
    Format(
        "azure_storage_key",
        rb"AccountKey=|SharedAccessKey=",
        rb"(?:Account|SharedAccess)Key=[A-Za-z0-9+/]{42,86}={1,2}",
        "https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string",
    ),
    Format(
        "azure_storage_key",
        rb"8Q~",
        rb"[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,34}",
        "https://learn.microsoft.com/purview/sit-defn-azure-ad-client-secret",
        whole=False,
        back=3,
    ),
    Format(
        "twilio_key",
        rb"SK[0-9a-f]{8}",
        rb"SK[0-9a-f]{32}" + _END,
        "https://www.twilio.com/docs/iam/api-keys",
    ),
    Format(
        "sendgrid_key",
        rb"SG\.[A-Za-z0-9_-]",
        rb"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
        "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys",
        whole=False,
    ),
    Format(
        "telegram_token",
        rb":AA[A-Za-z0-9_-]{8}",
        rb":AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])",
        "https://core.telegram.org/bots/api#authorizing-your-bot",
        whole=False,
    ),
)  # fmt: skip
"""All formats; the first that fits at a place counts."""
