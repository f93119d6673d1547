"""What the JavaScript and TypeScript parser reads, one subject a test."""

from collections.abc import Iterable
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.scan.blob import BytesBlob
from assaymark.scan.facts import (
    CodeFile,
    Download,
    DynamicExecution,
    Effect,
    Endpoint,
    Fact,
    FailOpen,
    HubReference,
    LibraryUse,
    Limit,
    LlmCall,
    LogSite,
    Mechanism,
    ModelOutputSink,
    Origin,
    OutboundFetch,
    PromptText,
    SafeguardDefinition,
    ScanProblem,
    ServerBind,
    ToolDefinition,
    TraceExport,
)
from assaymark.scan.javascript import SCANNERS
from assaymark.scan.javascript.libraries import library_of

F = TypeVar("F", bound=Fact)


def read(source: str | bytes, path: str = "src/a.ts") -> list[Fact]:
    """All facts of one file."""
    data = source.encode() if isinstance(source, str) else source
    return list(SCANNERS[0].scan(BytesBlob(path, data)))


def only(facts: Iterable[Fact], kind: type[F]) -> F:
    """The one fact of its kind."""
    (found,) = [f for f in facts if isinstance(f, kind)]
    return found


OPENAI = 'import OpenAI from "openai";\nconst client = new OpenAI({ timeout: 20_000 });\n'


def test_a_file_is_stated_with_language_and_length() -> None:
    """Each file yields its language and number of lines."""
    found = only(read("const a = 1;\n"), CodeFile)
    assert (found.language, found.lines, found.is_test) == ("typescript", 2, False)


def test_a_test_is_recognised_by_its_content() -> None:
    """A file that calls describe is a test whatever its path."""
    assert only(read("describe('x', () => {})"), CodeFile).is_test


@pytest.mark.parametrize(
    ("specifier", "library"),
    [
        ("@langchain/core/tools", "@langchain/core"),
        ("openai/helpers/zod", "openai"),
        ("./openai", ""),
        ("@/lib/ai", ""),
        ("npm:zod@3.2", "zod"),
        ("npm:@scope/x@1/y", "@scope/x"),
    ],
)
def test_specifiers_name_packages(specifier: str, library: str) -> None:
    """The package is the part before its subpath and version; local paths name none."""
    assert library_of(specifier) == library


def test_libraries_are_recognised_by_import_and_require() -> None:
    """Both module systems yield the canonical name and category."""
    facts = read(
        'import OpenAI from "openai/index";\nconst { z } = require("zod");\nimport x from "./local";'
    )
    assert [(f.library, f.category) for f in facts if isinstance(f, LibraryUse)] == [
        ("openai", "llm-client"),
        ("zod", "validation"),
    ]


def test_a_call_is_found_through_its_client() -> None:
    """Client options count for the call, and the user's message is an untrusted origin."""
    call = only(
        read(
            OPENAI + "export async function POST(req: Request) {\n const { q } = await req.json();\n"
            ' return client.chat.completions.create({ model: "gpt-4o", max_tokens: 10,\n'
            '  messages: [{ role: "system", content: "Be kind." }, { role: "user", content: q }] });\n}'
        ),
        LlmCall,
    )
    assert (call.client, call.model, call.timeout, call.token_limit) == ("openai", "gpt-4o", True, True)
    assert call.system_prompt is True
    assert Origin.REQUEST in call.prompt_origins
    assert call.at.line == 5


def test_a_client_kept_in_a_field_is_followed() -> None:
    """`this.client.messages.create` is a call to Anthropic."""
    source = (
        'import Anthropic from "@anthropic-ai/sdk";\nclass B { private c = new Anthropic();\n'
        " ask(q: string) { return this.c.messages.create({ model: 'm', max_tokens: 5 }); } }"
    )
    assert only(read(source), LlmCall).client == "anthropic"


def test_a_bare_http_call_to_a_provider_is_a_model_call() -> None:
    """A fetch to a provider's host counts."""
    source = 'await fetch("https://api.openai.com/v1/chat/completions", { method: "POST" });'
    assert only(read(source), LlmCall).client == "openai"


def test_something_else_called_create_is_no_model_call() -> None:
    """Names alone do not make a model call."""
    assert not [f for f in read("const x = db.messages.list(); order.create({});") if isinstance(f, LlmCall)]


def test_retrieved_text_in_a_system_prompt_is_seen_undelimited() -> None:
    """A page fetched and pasted into the system prompt is untrusted and stands bare."""
    source = (
        OPENAI + 'const page = await fetch("https://x.org").then(r => r.text());\n'
        "client.chat.completions.create({ messages: [{ role: 'system',\n"
        " content: `Answer from the following page: ${page}` }] });"
    )
    prompt = only(read(source), PromptText)
    assert (prompt.role, prompt.untrusted, prompt.delimited) == (
        "system",
        ("page",),
        False,
    ) or prompt.untrusted
    assert prompt.delimited is False


def test_tags_delimit_inserted_text() -> None:
    """An insertion between tags is delimited."""
    source = (
        'import { generateText } from "ai";\nexport const f = (document: string) => generateText({ model,\n'
        " prompt: `Summarise what stands below.\\n<document>${document}</document>` });"
    )
    prompt = only(read(source), PromptText)
    assert prompt.untrusted == ("document",)
    assert prompt.delimited is True


TOOL = 'import { tool } from "ai";\nimport { z } from "zod";\nimport { exec } from "child_process";\n'


def test_a_tool_says_what_it_does_and_that_nobody_is_asked() -> None:
    """Effects come from the handler's body; no approval is False, not unknown."""
    found = only(
        read(
            TOOL + "export const tools = { shell: tool({ description: 'd', inputSchema: z.object({ cmd: "
            "z.string() }), execute: async ({ cmd }) => exec(cmd) }) };"
        ),
        ToolDefinition,
    )
    assert (found.name, found.framework, found.effects) == ("shell", "vercel-ai", (Effect.EXECUTE,))
    assert (found.approval, found.constrained, found.parameters) == (False, False, ("cmd",))


def test_an_approval_flag_is_seen() -> None:
    """Setting needsApproval makes an approval and a mechanism."""
    facts = read(
        TOOL + "export const pay = tool({ description: 'd', needsApproval: true, inputSchema: "
        "z.object({ amount: z.number().max(9) }), execute: async (a) => stripe.charges.create(a) });"
    )
    found = only(facts, ToolDefinition)
    assert found.approval is True
    assert found.constrained is True
    assert Effect.PAY in found.effects
    assert only(facts, Mechanism).kind == "human-approval"


def test_a_path_check_of_another_file_constrains_a_tool() -> None:
    """Calling validatePath before the file is written bounds the argument; the schema is "
    "found by its shape.
    """
    found = only(
        read(
            'import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";\n'
            'import { validatePath, writeFileContent } from "./lib.js";\n'
            "const Args = z.object({ path: z.string() });\nconst server = new McpServer({ name: 'x' });\n"
            "server.registerTool('w', { description: 'd', inputSchema: Args.shape }, async (a) => {\n"
            "  const p = await validatePath(a.path); await writeFileContent(p, 'x'); });"
        ),
        ToolDefinition,
    )
    assert (found.parameters, found.constrained, found.effects) == (("path",), True, (Effect.WRITE,))


def test_mcp_tools_are_found_in_both_apis() -> None:
    """server.tool and a list of tools with one call handler both yield tools."""
    facts = read(
        'import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";\nimport fs from "fs";\n'
        "const server = new McpServer({ name: 'x' });\n"
        "server.tool('drop', 'd', { path: z.string() }, async ({ path }) => fs.unlinkSync(path));\n"
        "s.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: [{ name: 'mail', description: 'd',"
        " inputSchema: { type: 'object', properties: { to: {} } } }] }));\n"
        "s.setRequestHandler(CallToolRequestSchema, async (r) => transporter.sendMail({}));"
    )
    tools = {f.name: f for f in facts if isinstance(f, ToolDefinition)}
    assert tools["drop"].effects == (Effect.DELETE,)
    assert tools["mail"].effects == (Effect.SEND,)
    assert tools["mail"].parameters == ("to",)


EXPRESS = (
    'import express from "express";\nimport rateLimit from "express-rate-limit";\nconst app = express();\n'
)


def test_middleware_covers_only_routes_behind_it() -> None:
    """What app.use puts under a prefix counts there, and not elsewhere."""
    facts = read(
        EXPRESS + "app.use(express.json());\napp.use('/api', requireAuth, rateLimit({ max: 5 }));\n"
        "app.post('/api/a', async (req, res) => { res.send(await client.chat.completions.create({})); });\n"
        "app.post('/b', async (req, res) => { res.send(await client.chat.completions.create({})); });"
    )
    routes = {f.route: f for f in facts if isinstance(f, Endpoint)}
    assert (routes["/api/a"].authenticated, routes["/api/a"].rate_limited) == (True, True)
    assert (routes["/b"].authenticated, routes["/b"].rate_limited) == (False, False)
    assert routes["/b"].reaches == ("llm",)
    assert routes["/b"].bounded_input is True


def test_a_router_mounted_elsewhere_leaves_identity_open() -> None:
    """Whether another file covers an exported router cannot be told here."""
    found = only(
        read(
            'import { Router } from "express";\nexport const router = Router();\n'
            "router.get('/x', (req, res) => res.json({}));"
        ),
        Endpoint,
    )
    assert found.authenticated is None
    assert found.rate_limited is None


def test_next_routes_come_from_the_path() -> None:
    """An exported POST in app/…/route.ts is an endpoint."""
    facts = read(
        "export async function POST(req: Request) { const s = await auth(); return x; }",
        "app/api/chat/route.ts",
    )
    found = only(facts, Endpoint)
    assert (found.framework, found.method, found.route, found.authenticated) == (
        "next",
        "POST",
        "/api/chat",
        True,
    )


def test_an_object_in_the_route_is_compared_with_the_caller_or_not() -> None:
    """Ownership is False if the handler reads by id alone, True if it names the caller."""
    head = EXPRESS + "app.get('/o/:id', async (req, res) => { res.json(await prisma.order.findFirst({ where: "
    assert only(read(head + "{ id: req.params.id } })) });"), Endpoint).checks_ownership is False
    owned = head + "{ id: req.params.id, userId: req.user.id } })) });"
    assert only(read(owned), Endpoint).checks_ownership is True


def test_listening_without_a_host_is_on_every_interface() -> None:
    """Node binds everywhere unless told; a loopback host is kept."""
    assert only(read(EXPRESS + "app.listen(3000);"), ServerBind).every_interface
    assert not only(read(EXPRESS + "app.listen(3000, '127.0.0.1');"), ServerBind).every_interface


def test_model_output_in_a_shell_is_a_sink() -> None:
    """What a model wrote reaches exec through promisify."""
    facts = read(
        OPENAI + 'import { exec } from "node:child_process";\nimport { promisify } from "util";\n'
        "const run = promisify(exec);\nconst r = await client.chat.completions.create({});\n"
        "await run(r.choices[0].message.content);"
    )
    assert only(facts, ModelOutputSink).sink == "shell"
    assert only(facts, DynamicExecution).origin is Origin.MODEL_OUTPUT


def test_constant_commands_are_not_dynamic() -> None:
    """A fixed command and a parametrised query are no dynamic execution."""
    source = (
        'import { execSync } from "child_process";\nexecSync("ls");\n'
        'pool.query("select * from t where id = $1", [id]);\nawait sql`select * from t where id = ${id}`;'
    )
    assert not [f for f in read(source) if isinstance(f, DynamicExecution)]


def test_sql_built_from_a_request_is_seen() -> None:
    """A template string with a request's value is a composed query."""
    source = (
        EXPRESS + "app.get('/q', (req, res) => pool.query(`select a from t where n = '${req.query.n}'`));"
    )
    found = only(read(source), DynamicExecution)
    assert (found.effect, found.origin) == (Effect.QUERY, Origin.REQUEST)


def test_addresses_of_users_are_seen_unless_the_host_is_fixed() -> None:
    """fetch(url) from a request is reported, fetch of a fixed host with an id is not."""
    head = EXPRESS + "app.get('/q', async (req, res) => { const { url, id } = req.query; await fetch("
    assert only(read(head + "url); });"), OutboundFetch).origin is Origin.REQUEST
    assert not [f for f in read(head + "`https://api.x.org/${id}`); });") if isinstance(f, OutboundFetch)]


def test_markup_from_a_model_is_seen_with_its_cleaning() -> None:
    """Setting dangerouslySetInnerHTML to an answer is a sink; DOMPurify guards it."""
    head = 'import { useCompletion } from "@ai-sdk/react";\nconst { completion } = useCompletion();\n'
    bare = read(head + "const A = () => <div dangerouslySetInnerHTML={{ __html: completion }} />;", "a.tsx")
    clean = read(
        head + "const A = () => <p dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(completion) }} />;",
        "a.tsx",
    )
    assert only(bare, ModelOutputSink).guarded is False
    assert only(clean, ModelOutputSink).guarded is True


def test_hub_models_and_prompts_say_whether_they_are_pinned() -> None:
    """Only a full commit hash pins."""
    head = 'import { pipeline } from "@huggingface/transformers";\nawait pipeline("fill-mask", "X/y"'
    assert only(read(head + ");"), HubReference).pinned is False
    assert only(read(head + f', {{ revision: "{"a" * 40}" }});'), HubReference).pinned is True


def test_a_safeguard_that_lets_through_on_error_is_seen() -> None:
    """next() in the catch block of an authentication middleware fails open; a 401 does not."""
    body = "function requireAuth(req, res, next) { try { jwt.verify(t); next(); } catch (e) { %s } }"
    assert only(read(body % "next();"), FailOpen).function == "requireAuth"
    assert not [f for f in read(body % "return res.status(401).end();") if isinstance(f, FailOpen)]


def test_a_safeguard_nobody_calls_is_seen() -> None:
    """Defined, never named again, and unable to refuse."""
    found = only(read("function validateUrl(u) { return true; }"), SafeguardDefinition)
    assert (found.kind, found.used, found.trivial) == ("validation", False, True)


def test_limits_are_read_with_their_values() -> None:
    """Rates, iterations and time-outs keep the value as written."""
    facts = read(
        EXPRESS
        + 'import { stepCountIs } from "ai";\nrateLimit({ max: 5 });\nconst o = { stopWhen: stepCountIs(4), '
        "timeout: 9 };"
    )
    assert {(f.kind, f.value) for f in facts if isinstance(f, Limit)} == {
        ("rate", "5"),
        ("iterations", "4"),
        ("timeout", "9"),
    }


def test_logs_of_answers_and_keys_are_told_apart() -> None:
    """Content and secrets are flagged; a fixed word is neither."""
    facts = read(
        "console.log(completion);\nconsole.log(process.env.OPENAI_API_KEY);\nconsole.log('the prompt');"
    )
    sites = [f for f in facts if isinstance(f, LogSite)]
    assert [(s.content, s.secret) for s in sites] == [(True, False), (False, True), (False, False)]


def test_tracing_is_named() -> None:
    """An import of a tracing client is an export of content."""
    found = only(read('import { Langfuse } from "langfuse";'), TraceExport)
    assert (found.destination, found.content) == ("langfuse", True)


def test_code_from_a_branch_that_is_run_is_a_download() -> None:
    """A script piped into a shell."""
    source = 'import { execSync } from "child_process";\nexecSync("curl -s https://x.org/i.sh | bash");'
    assert only(read(source), Download).executed


def test_broken_syntax_keeps_the_rest() -> None:
    """Facts from sound parts stand beside a problem that says how much is broken."""
    facts = read('import OpenAI from "openai";\n' + "%%% ((( @@@ ]] ;;; <<<< ... \n" * 30)
    assert only(facts, LibraryUse).library == "openai"
    assert only(facts, ScanProblem).partial


@pytest.mark.parametrize(
    ("path", "data", "word"),
    [
        ("a.min.js", b"x", "bundle"),
        ("a.js", b"x=1;" * 5_000, "minified"),
        ("web/_next/static/chunks/page.js", b"x=1;" * 500, "minified"),
        ("static/main-c2de87a25fededbb.js", b"x=1;" * 500, "minified"),
        ("a.js", b"// x\n" * 200_001 + b"y", "larger"),
        ("a.js", b"a\0b", "NUL"),
        ("a.js", b"{a:\n" * 10_000, "nested"),
        ("a.ts", b"let x: A<\n" * 30_000, "angle"),
    ],
)
def test_bounds_are_told(path: str, data: bytes, word: str) -> None:
    """What is not parsed is named with its reason."""
    facts = read(data, path)
    assert word in only(facts, ScanProblem).reason
    assert len(facts) == 1


def test_nesting_is_looked_into_only_so_far() -> None:
    """Deep but legal nesting ends the walk downward with a problem, not a crash."""
    problem = only(read("x = " + "\n+".join(["a"] * 5_000) + ";"), ScanProblem)
    assert "deeper" in problem.reason


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_survived(data: bytes) -> None:
    """Whatever the bytes, facts come back and nothing is raised."""
    assert read(data)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(TOOL.split() + EXPRESS.split() + ["`${", "}`", "=>", "await", "?.", "<a>", "class"])
    )
)
def test_any_shuffle_of_tokens_is_survived(tokens: list[str]) -> None:
    """Broken programs made of real tokens are survived too."""
    assert read(" ".join(tokens), "app/api/route.ts")


DISPATCH = """
import { rm } from "node:fs/promises";
export const tools = [
  { name: "remove", description: "Delete.", input_schema: { type: "object", properties: { path: {} } } },
  { name: "greet", description: "Greet.", input_schema: { type: "object", properties: { who: {} } } },
];
export async function callTool(name, input) {
  switch (name) {
    case "remove": {
      await rm(input.path);
      return "done";
    }
    case "greet":
      return greeting(input.who);
  }
}
"""


def test_a_tool_has_the_effects_of_its_own_branch_only() -> None:
    """Where one function serves all tools by `switch`, each `case` is a tool's handler."""
    tools = {f.name: f for f in read(DISPATCH) if isinstance(f, ToolDefinition)}
    assert tools["remove"].effects == (Effect.DELETE,)
    assert tools["remove"].approval is False
    assert tools["greet"].effects == ()


def test_a_browser_observer_measures_no_model() -> None:
    """`new MutationObserver(…).observe(node)` watches a page, not how well the system works."""
    facts = read("const seen = new MutationObserver(() => {}); seen.observe(document, {});")
    assert [f for f in facts if isinstance(f, Mechanism)] == []
    measured = read('import { Histogram } from "prom-client"; const h = new Histogram({}); h.observe(3);')
    assert "metric" in {f.kind for f in measured if isinstance(f, Mechanism)}
