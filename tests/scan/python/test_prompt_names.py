"""What a prompt is called, and what is none."""

from tests.scan.python.reading import found, the

from assaymark.scan.facts import PromptText

TEMPLATES = """
from langchain.prompts import PromptTemplate
summarise = PromptTemplate.from_template("Sum this up for the reader: {text}, with {tools} at hand")
"""


def test_a_template_has_the_name_it_is_given() -> None:
    """`summarise = PromptTemplate.from_template(…)` is `summarise`, and fifty of them differ."""
    assert the(PromptText, TEMPLATES).name == "summarise"


def test_tools_on_offer_are_the_program_s_own_words() -> None:
    """What a program offers a model was written by nobody else; the text to sum up was."""
    assert the(PromptText, TEMPLATES).untrusted == ("text",)


def test_one_word_is_an_identifier() -> None:
    """The id of a sandbox's template ends in a likely name and instructs nobody."""
    assert found(PromptText, 'import openai\nSANDBOX_TEMPLATE = "pmt2o0ghpang8gbiys57abc"\n') == []
