"""The tables hold together: every shape is in the language, nothing is both safe and dangerous to call."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from assaymark.scan.pickle import names
from assaymark.scan.pickle.names import danger_named, safe_named
from assaymark.scan.pickle.shapes import shape
from assaymark.scan.pickle.values import Box, Imported, Made
from assaymark.scan.rules import all_rules

HERE = Path(names.__file__).parent
WRITTEN = yaml.safe_load((HERE / "safe.yaml").read_text(encoding="utf-8"))
KNOWN = sorted((HERE / "known").glob("*.json"))
LISTED_SECTIONS = """classes containers enums tuples errors functions values compiled rebuilders
distributions formulas effects-code effects-programs effects-imports effects-pickles
effects-network effects-files"""
SECTIONS = set(LISTED_SECTIONS.split())


@pytest.mark.parametrize("group", WRITTEN["groups"])
def test_groups_are_shapes(group: str) -> None:
    """Each named shape can be read."""
    assert callable(names.group(group))


def test_every_written_name_can_be_read() -> None:
    """Contracts are in the language of shapes, and names are dotted."""
    for section in WRITTEN["names"].values():
        for name in section:
            assert safe_named(name) is not None
            assert all(part.isidentifier() for part in name.split("."))


@pytest.mark.parametrize("path", KNOWN, ids=lambda p: p.stem)
def test_known_tables_are_well_formed(path: Path) -> None:
    """Module → section → names; only sections that mean something, and names that exist in Python."""
    for module, sections in json.loads(path.read_text(encoding="utf-8")).items():
        assert all(part.isidentifier() for part in module.split("."))
        assert sections.keys() <= SECTIONS
        assert all(
            part.isidentifier() for listed in sections.values() for name in listed for part in name.split(".")
        )


def test_dangerous_modules_have_no_safe_function_but_by_name() -> None:
    """What is safe inside a dangerous module is written down by hand, one by one."""
    for name in (
        "os.getcwd",
        "subprocess.run",
        "pickle.loads",
        "torch.load",
        "numpy.load",
        "pandas.read_pickle",
    ):
        module, _, last = name.rpartition(".")
        assert safe_named(name) is None or safe_named(name).call is None  # type: ignore[union-attr]
        assert danger_named(module, last) is not None


EFFECTFUL = """os sys subprocess socket shutil importlib ctypes marshal code runpy pty urllib http
ftplib smtplib tempfile zipfile tarfile sqlite3 asyncio pdb multiprocessing threading
webbrowser builtins operator functools io logging timeit trace profile cProfile
doctest idlelib lib2to3 ensurepip"""


@pytest.mark.parametrize("module", EFFECTFUL.split())
def test_modules_with_effects_are_dangerous_whole(module: str) -> None:
    """Any name in them that is not on the safe list is dangerous, one nobody thought of included."""
    assert danger_named(module, "something_new") is not None
    assert danger_named(f"{module}.part", "thing") is not None


HARMLESS = """array base64 binascii calendar cmath collections colorsys contextvars copy
dataclasses datetime decimal difflib email enum errno fractions getopt graphlib
hashlib hmac html ipaddress math numbers pathlib platform pprint pydoc_data random re
reprlib secrets shlex sre_compile sre_constants sre_parse stat statistics string
stringprep struct textwrap time typing unicodedata uuid winsound zoneinfo compression
annotationlib"""


def test_the_standard_library_is_judged() -> None:
    """Of this Python's own modules only such are on no list that cannot do anything."""
    harmless = set(HARMLESS.split())
    public = {name for name in sys.stdlib_module_names if not name.startswith("_")}

    assert {name for name in public - harmless if danger_named(name, "x") is None} == set()


ADVISORIES = """torch.utils.bottleneck.__main__.run_cprofile torch._dynamo.guards.GuardBuilder.get
torch.fx.experimental.symbolic_shapes.ShapeEnv.evaluate_guards_expression torch.utils.collect_env.run
torch.utils.data.datapipes.utils.decoder.basichandlers torch.jit.unsupported_tensor_ops.execWrapper
torch.utils._config_module.ConfigModule.load_config torch.utils.bottleneck.__main__.run_autograd_prof
trace.Trace.run trace.Trace.runctx profile.Profile.run profile.Profile.runctx profile.run
lib2to3.pgen2.grammar.Grammar.loads lib2to3.pgen2.pgen.ParserGenerator.make_label
idlelib.pyshell.ModifiedInterpreter.runcode idlelib.debugobj.ObjectTreeItem.SetText
idlelib.autocomplete.AutoComplete.get_entity idlelib.calltip.get_entity idlelib.run.Executive.runcode
code.InteractiveInterpreter.runcode doctest.debug_script cProfile.runctx cProfile.run ensurepip._run_pip
asyncio.unix_events._UnixSubprocessTransport._start distutils.file_util.write_file ctypes.CDLL pydoc.locate
operator.methodcaller pty.spawn smtplib.SMTP numpy.f2py.crackfortran.getlincoef
numpy.f2py.crackfortran.myeval numpy.f2py.crackfortran.param_eval numpy.testing._private.utils.runstring
ssl.get_server_certificate linecache.getlines _operator.attrgetter _operator.itemgetter _operator.methodcaller
io.FileIO urllib.request.urlopen types.CodeType logging.FileHandler uuid._get_command_stdout
_osx_support._read_output _aix_support._read_cmd_output imaplib.IMAP4_stream _pyrepl.pager.pipe_pager
test.support.script_helper.assert_python_ok pkgutil.resolve_name pip.main runpy.run_path
bdb.Bdb.run timeit.timeit importlib.import_module inspect.getattr_static functools.reduce sh.bash
simpleeval.simple_eval asteval.Interpreter mlflow.projects.backend.local._run_entry_point pandas.read_csv
fickling.hook.remove_hook marshal.loads _interpreters.run_string torch.load numpy.load joblib.load
pandas.read_pickle yaml.unsafe_load pdb.run sqlite3.connect shutil.rmtree builtins.eval builtins.__import__"""


@pytest.mark.parametrize("name", ADVISORIES.split())
def test_published_gadgets_are_dangerous(name: str) -> None:
    """Each name of a published advisory is dangerous to call."""
    module, _, last = name.rpartition(".")
    safe = safe_named(name)

    assert danger_named(module, last) is not None
    assert safe is None or safe.call is None or safe.kind == "class"


def test_shapes() -> None:
    """The words of the language mean what its description says."""
    import_of = Imported("m", "f", 0)
    made = Made(import_of, Box("tuple", []), None, "REDUCE", 0)
    samples = [
        ("()", Box("tuple", []), True),
        ("()", Box("tuple", [1]), False),
        ("(int, str?)", Box("tuple", [1]), True),
        ("(int, str?)", Box("tuple", [1, "a"]), True),
        ("(int, str?)", Box("tuple", [1, 2]), False),
        ("(int*)", Box("tuple", [1, 2, 3]), True),
        ("([(str, any)*])", Box("tuple", [Box("list", [Box("tuple", ["a", 1])])]), True),
        ("([(str, any)*])", Box("tuple", [Box("list", [Box("tuple", [1, 1])])]), False),
        ("{str: int*}", Box("dict", ["a", 1, "b", 2]), True),
        ("{str: int*}", Box("dict", ["a", "x"]), False),
        ("{'a': none, str: int*}", Box("dict", ["a", None, "b", 2]), True),
        ("{'a': none, str: int*}", Box("dict", ["a", 1]), False),
        ("'x' | 'y'", "y", True),
        ("'x' | 'y'", "z", False),
        ("=m.f", import_of, True),
        ("=m.g", import_of, False),
        ("@m.f", made, True),
        ("@m.g", made, False),
        ("plain", Box("list", [1, Box("tuple", ["a"])]), True),
        ("plain", Box("list", [import_of]), False),
        ("data", Box("list", [made]), True),
        ("template", "\nimport os\n", False),
        ("formula", "y ~ a + C(b) + np.log(x)", True),
        ("formula", "y ~ __import__('os').system('id')", False),
        ("formula", "y ~ open(a)", False),
        ("formula", "y ~ a.b", False),
        ("file-name", "model.npy_01.npy", True),
        ("file-name", "../../etc/passwd", False),
        ("file-name", "..", False),
    ]

    assert [(text, shape(text)(value)) for text, value, _ in samples] == [
        (t, wanted) for t, _, wanted in samples
    ]


@pytest.mark.parametrize("text", ["(", "int)", "(int str)", "nonsense", "{int}", "[int"])
def test_what_is_no_shape_is_refused(text: str) -> None:
    """A slip in a table is an error, not a contract that fits nothing or everything."""
    with pytest.raises(ValueError, match="'"):
        shape(text)


def test_every_rule_has_a_title_and_help() -> None:
    """Rules that the judge reports are listed with help."""
    source = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("*.py"))
    listed = yaml.safe_load((HERE / "rules.yaml").read_text(encoding="utf-8"))

    assert listed.keys() <= all_rules().keys()
    assert all(f'"{rule}"' in source for rule in listed if rule not in ("pickle-allowed", "pickle-denied"))
