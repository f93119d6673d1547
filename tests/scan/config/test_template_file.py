"""Chat templates in files of their own."""

from tests.scan.looked_at import holes, verdict

ORDINARY = "{% for m in messages %}{{ m['role'] }}{% endfor %}{% if add_generation_prompt %}x{% endif %}"
ESCAPE = "{{ cycler.__init__.__globals__.os.popen('id') }}"


def test_templates_are_judged_by_content() -> None:
    """Under the usual name, in the usual folder, and by what they speak of."""
    assert verdict("chat_template.jinja", ORDINARY) == "clean"
    assert verdict("chat_template.jinja", ESCAPE) == "dangerous"
    assert verdict("additional_chat_templates/x.jinja", ESCAPE) == "dangerous"
    assert verdict("prompts/x.j2", ORDINARY + ESCAPE) == "dangerous"


def test_templates_of_web_pages_are_nobodys() -> None:
    """A page of a web application is no chat template."""
    assert verdict("templates/index.jinja", "<p>{{ user.name }}</p>" + ESCAPE) == "nothing"


def test_a_huge_template_is_a_bound() -> None:
    """More than is read is said."""
    assert "longer than" in holes("chat_template.jinja", "x" * (5 << 20))[0].reason
