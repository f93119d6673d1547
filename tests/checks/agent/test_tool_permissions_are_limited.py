"""Tools have a bounded reach."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Location, Outcome
from assaymark.scan.facts import Effect, Setting, ToolDefinition

HEAD = 'import { tool } from "ai";\nimport { z } from "zod";\nimport { exec } from "node:child_process";\n'
MET = {
    "src/tools.ts": HEAD
    + "export const status = tool({ description: 'd', inputSchema: z.object({ id: z.string().uuid() }),\n"
    + "  execute: async ({ id }) => prisma.order.findFirst({ where: { id } }) });\n"
}
NOT_MET = {
    "src/tools.ts": HEAD
    + "export const shell = tool({ description: 'd', inputSchema: z.object({ cmd: z.string() }),\n"
    + "  execute: async ({ cmd }) => exec(cmd) });\n"
}
NAME = "tool_permissions_are_limited"


def fact(*effects: Effect, constrained: bool | None = False) -> ToolDefinition:
    """A tool with these effects."""
    return ToolDefinition(
        at=Location("src/a.py", 3),
        name="t",
        framework="x",
        effects=effects,
        parameters=("q",),
        constrained=constrained,
    )


def test_a_raw_shell_is_firm_and_a_raw_query_is_not() -> None:
    """Free commands fail by themselves; a free query may stand on a read-only role, so a person judges."""
    (shell,) = observe(NAME, NOT_MET)
    (query,) = observe(NAME, {}, extra=(fact(Effect.QUERY),))
    assert shell.certainty is Certainty.FIRM
    assert (query.outcome, query.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)


def test_checked_arguments_bound_a_query() -> None:
    """A query tool that checks its argument is no fault."""
    assert outcomes(observe(NAME, {}, extra=(fact(Effect.QUERY, constrained=True),))) == {Outcome.MET}


def test_a_wildcard_grant_is_seen() -> None:
    """A setting that allows every tool is reported even where no tool is defined."""
    wild = Setting(at=Location("agent.yaml", 2), key="agent.allowed_tools", value='["*"]', category="tool")
    assert outcomes(observe(NAME, {}, extra=(wild,))) == {Outcome.NOT_MET}


def test_a_glob_among_paths_is_no_wildcard() -> None:
    """An ordinary value with a star in it grants nothing."""
    glob = Setting(
        at=Location("agent.yaml", 2), key="agent.allowed_tools", value="search, docs/*.md", category="tool"
    )
    assert Outcome.NOT_MET not in outcomes(observe(NAME, MET, extra=(glob,)))


def test_an_unknown_body_is_not_called_good() -> None:
    """A tool whose body is elsewhere leaves the question open."""
    unknown = ToolDefinition(at=Location("src/a.py", 1), name="t", framework="mcp")
    assert outcomes(observe(NAME, {}, extra=(unknown,))) == {Outcome.NOT_OBSERVABLE}


def test_a_schema_that_says_it_runs_code_is_for_a_person_and_never_good() -> None:
    """Of a schema without its code only its words are known: `Executes code` is no bounded reach."""
    schema = (
        'TOOL = {"name": "execute", "description": "Executes code on the machine", "parameters": {'
        '"type": "object", "properties": {"language": {"enum": ["python"]}, "code": {"type": "string"}}}}\n'
    )
    (seen,) = observe(NAME, {"app/tools.py": schema})
    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)
    assert seen.summary == "1 of 1 tool takes free commands or queries."


def test_an_enumeration_in_a_bare_schema_bounds_nothing_known() -> None:
    """What the code behind a schema does was not read, so its reach is not called bounded."""
    schema = (
        'TOOL = {"name": "weather", "description": "d", "parameters": {"type": "object", '
        '"properties": {"unit": {"enum": ["c", "f"]}}}}\n'
    )
    assert outcomes(observe(NAME, {"app/tools.py": schema})) == {Outcome.NOT_OBSERVABLE}
