"""Code, shells and queries made at run time, and model output that reaches them."""

import ast
import re
from collections.abc import Iterable, Iterator

from assaymark.scan.facts import DynamicExecution, Effect, Fact, ModelOutputSink, Origin
from assaymark.scan.python._effects import SHELL, effect_of, sql_is_composed
from assaymark.scan.python._guards import escapes, is_guarded
from assaymark.scan.python._llm_names import known_llm_calls
from assaymark.scan.python._module import Call, Module
from assaymark.scan.python._origins import origin_of, parameter_behind
from assaymark.scan.python._roles import tool_frameworks

__all__ = ["dynamic_executions", "model_output_sinks"]

_BUILTINS = ("eval", "exec", "builtins.eval", "builtins.exec")
_INTERPRETERS = {
    "langchain_experimental.utilities.PythonREPL().run": "PythonREPL.run",
    "langchain_experimental.tools.PythonREPLTool": "PythonREPLTool",
    "langchain_experimental.tools.PythonAstREPLTool": "PythonAstREPLTool",
    "langchain_community.tools.ShellTool": "ShellTool",
    "langchain_experimental.utilities.PythonREPL": "PythonREPL",
    "autogen.coding.LocalCommandLineCodeExecutor": "LocalCommandLineCodeExecutor",
    "autogen_ext.code_executors.local.LocalCommandLineCodeExecutor": "LocalCommandLineCodeExecutor",
    "langchain_experimental.agents.create_pandas_dataframe_agent": "create_pandas_dataframe_agent",
    "langchain_experimental.agents.agent_toolkits.create_csv_agent": "create_csv_agent",
}
_SANDBOX = re.compile(
    r"(sandbox|e2b|docker|container|restricted|wasm|gvisor|firejail|nsjail|bwrap|modal|daytona|pyodide)",
    re.IGNORECASE,
)
_HTML = frozenset(
    {
        "streamlit.markdown",
        "streamlit.write",
        "streamlit.components.v1.html",
        "streamlit.html",
        "markupsafe.Markup",
        "flask.Markup",
        "django.utils.safestring.mark_safe",
        "gradio.HTML",
        "flask.render_template_string",
        "fastapi.responses.HTMLResponse",
        "starlette.responses.HTMLResponse",
        "IPython.display.HTML",
    }
)
_PLAIN_WHEN_ALONE = ("streamlit.markdown", "streamlit.write")
_FILES = frozenset({"os.remove", "os.unlink", "shutil.rmtree", "pathlib.Path", "os.rename", "os.path.join"})
_URLS = frozenset(
    {"requests.get", "requests.post", "httpx.get", "httpx.post", "urllib.request.urlopen", "webbrowser.open"}
)
_IMPORTS = frozenset({"importlib.import_module", "__import__"})
_REDIRECTS = frozenset(
    {
        "flask.redirect",
        "fastapi.responses.RedirectResponse",
        "django.shortcuts.redirect",
        "starlette.responses.RedirectResponse",
    }
)
_INTERPRETING = frozenset(
    {
        "sh",
        "bash",
        "zsh",
        "dash",
        "python",
        "node",
        "perl",
        "ruby",
        "env",
        "sudo",
        "xargs",
        "cmd",
        "powershell",
        "pwsh",
    }
)
_TRAINING = frozenset({"partial_fit", "upload_file_for_training", "fit", "fine_tune"})


def dynamic_executions(module: Module) -> Iterable[Fact]:
    """`eval`, `exec`, shells and composed queries whose content is not a constant."""
    for call in module.named(_BUILTINS):
        if call.last not in module.by_name and call.node.args:
            yield _execution(call, call.last, Effect.EXECUTE, call.node.args[0], module)
    for call in module.named(sorted(SHELL)):
        yield from _shell(call, module)
    for name, callee in _INTERPRETERS.items():
        for call in module.named((name,)):
            yield DynamicExecution(
                at=module.at(call),
                callee=callee,
                effect=Effect.EXECUTE,
                origin=Origin.MODEL_OUTPUT,
                sandboxed=_sandboxed(call),
                function=module.where(call.scope, call.line),
            )
    for call in module.ending(
        "execute", "executemany", "executescript", "read_sql", "read_sql_query", "raw", "exec_driver_sql"
    ):
        statement = call.arg(0, "query", "sql", "statement")
        if statement is not None and _is_query(call, module) and _is_dynamic(statement, call, module):
            yield _execution(call, f"{call.last}(composed)", Effect.QUERY, statement, module)


def _is_query(call: Call, module: Module) -> bool:
    return effect_of(call, module) is not None or call.last in (
        "executescript",
        "read_sql",
        "exec_driver_sql",
    )


def _is_dynamic(statement: ast.expr, call: Call, module: Module) -> bool:
    if sql_is_composed(statement, call.scope, module):
        return True
    risky = (Origin.MODEL_OUTPUT, Origin.TOOL_ARGUMENT, Origin.REQUEST)
    return not isinstance(statement, ast.Call) and origin_of(statement, call.scope, module) in risky


def _shell(call: Call, module: Module) -> Iterator[DynamicExecution]:
    command = call.arg(0, "args", "command", "cmd")
    if command is None:
        return
    through_shell = module.constant(call.kw("shell"), call.scope) is True or call.name in (
        "os.system",
        "os.popen",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "asyncio.create_subprocess_shell",
    )
    callee = f"{call.name}(shell)" if through_shell else call.name
    yield _execution(call, callee, Effect.EXECUTE, command, module)


def _execution(
    call: Call, callee: str, effect: Effect, content: ast.expr, module: Module
) -> DynamicExecution:
    origin = _content_origin(content, effect, call, module)
    return DynamicExecution(
        at=module.at(call),
        callee=callee,
        effect=effect,
        origin=origin,
        parameter=parameter_behind(content, call.scope) if origin is Origin.PARAMETER else "",
        sandboxed=_sandboxed(call) if effect is Effect.EXECUTE else None,
        function=module.where(call.scope, call.line),
    )


def _content_origin(content: ast.expr, effect: Effect, call: Call, module: Module) -> Origin:
    if effect is Effect.QUERY and isinstance(content, ast.Call) and content.args:
        content = content.args[0]
    if (
        isinstance(content, ast.Call)
        and module.dotted(content.func, call.scope) in ("compile", "builtins.compile")
        and content.args
    ):
        content = content.args[0]
    return origin_of(content, call.scope, module)


def _sandboxed(call: Call) -> bool:
    scope = call.scope
    if "sandbox" not in scope.notes:
        around = [scope.qualname, *(c.name for c in scope.calls[:200])]
        scope.notes["sandbox"] = any(_SANDBOX.search(word) for word in around)
    texts = (n.value for n in ast.walk(call.node) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return bool(scope.notes["sandbox"]) or any(_SANDBOX.search(text[:2_000]) for text in texts)


def model_output_sinks(module: Module) -> Iterable[Fact]:
    """Places where what a model said acts. A tool's arguments are a model's words too."""
    if not known_llm_calls(module) and not tool_frameworks(module):
        return
    for call in module.calls:
        for sink, content in _sinks(call, module):
            if origin_of(content, call.scope, module) in (Origin.MODEL_OUTPUT, Origin.TOOL_ARGUMENT):
                yield ModelOutputSink(
                    at=module.at(call),
                    sink=sink,
                    callee=call.name[:120],
                    guarded=is_guarded(content, call.scope, module)
                    or escapes(call)
                    or _by_parameters(sink, content, call, module),
                    function=module.where(call.scope, call.line),
                )


def _sinks(call: Call, module: Module) -> Iterator[tuple[str, ast.expr]]:
    first = call.node.args[0] if call.node.args else None
    if first is None:
        return
    sink = _sink(call, module)
    if sink:
        yield sink, first


def _sink(call: Call, module: Module) -> str:
    name = call.name
    if name in _BUILTINS and call.last not in module.by_name:
        return "eval"
    if name in SHELL:
        return "shell"
    if call.last in ("execute", "executescript", "executemany", "read_sql", "exec_driver_sql") and _is_query(
        call, module
    ):
        return "sql"
    if name in _HTML:
        alone = (
            name in _PLAIN_WHEN_ALONE
            and module.constant(call.kw("unsafe_allow_html"), call.scope) is not True
        )
        return "" if alone else "html"
    if name in _FILES or (name == "open" and "open" not in module.by_name):
        return "file"
    if name in _URLS:
        return "url"
    if name in _IMPORTS:
        return "import"
    if name in _REDIRECTS:
        return "redirect"
    return "training" if call.last in _TRAINING and known_llm_calls(module) else ""


def _by_parameters(sink: str, content: ast.expr, call: Call, module: Module) -> bool:
    """Model text passed beside a constant statement or in an argument list, not made part of it."""
    if sink == "sql":
        return not _is_dynamic(content, call, module)
    if sink == "shell" and isinstance(content, ast.List) and content.elts:
        program = module.text(content.elts[0], call.scope)
        return bool(program) and program.rpartition("/")[2].rstrip("0123456789.") not in _INTERPRETING
    return False
