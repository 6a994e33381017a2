"""The house: who may import whom, who may spend, and how long a file may be."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter

import pytest

import lib.models
import lib.providers.base
from tests import sentences
from tests.house import (
    FILES,
    FLOOR_OF,
    FLOORS,
    INNER_FLOORS,
    LIB,
    PAGES,
    ROOT,
    all_imports,
    floor_of,
    imports_of,
    inner_room,
    is_ours,
    module_of,
    room_of,
    tree_of,
)

MAX_LINES = 600
"""A file ends where its subject ends; this is only where to look whether there are two in it."""
PAID = {"clone", "speak", "design", "transcribe"}
SENDER = "lib/studio/jobs/sending.py"
TWO_IN_ONE = "lib/providers/embedded.py"
"""A client that hands on what it is asked to another one."""
NAMED = re.compile(r"NanoGPT|Kyma|MiniMax|Inworld|Qwen", re.IGNORECASE)
SENTENCE = re.compile(r"[A-Z]\S*( \S+){2,}[.:?]|[A-Z]\S*( \S+)+[.?]")
KNOW_ONE = {
    "lib/studio/adoption/saved_ids.py": "NanoGPT's web app alone keeps a list of MiniMax voices",
    "lib/ui/adoption/saved_ids.py": "the same",
    "lib/studio/orders/designing.py": "the kind of a request that names none",
    "lib/ui/adoption/adopting.py": "the example of a line",
}
"""Files above the clients that know a service or a kind of voice by name, and why."""
LONGEST_SHARED = 15
"""Characters of a text with spaces that two test files may look for without sharing its name."""
ORDERS = frozenset(f"lib.studio.orders.{name}" for name in ("cloning", "designing", "transcribing"))
PROSE = {"error", "last_answer", "withdrawn_why", "copy_error", "sentence", "why"}
"""Fields and variables that hold a sentence for people."""
SCREENS = ("lib/ui/", "pages/", "streamlit_app.py")
STORES = ("lib.registry", "lib.vault", "lib.providers")
HOLDS_STORES = {"registry", "live_vault", "demo_vault", "providers", "spool"}
GIVES_STORES = {"vault", "provider", "wake"}
"""Methods of a context; evidence has a field of the first name."""
SEARCHES = {
    "startswith", "endswith", "find", "rfind", "index", "rindex", "count", "partition", "split",
    "removeprefix", "removesuffix", "in_", "not_in", "contains", "icontains", "istartswith",
    "iendswith", "like", "ilike", "regexp_match",
}  # fmt: skip
MATCHES = {"match", "search", "fullmatch", "findall", "finditer"}
READS_PROSE = {"lib/earlier_manifests.py"}
"""Sentences of versions that stored no reasons beside them."""


def imported(file: str, libraries: set[str]) -> list[str]:
    """What a file imports of these libraries."""
    return [name for name in all_imports(file) if name.split(".")[0] in libraries]


def offences(file: str, modules: list[str]) -> list[str]:
    """What a file imports although it lies higher, or in another room of the same floor."""
    here = room_of(module_of(file))
    found = []
    for module in filter(is_ours, modules):
        there = room_of(module)
        if there != here and not _may(here, there):
            found.append(module)
    return found


def inner_offences(folder: str, file: str, modules: list[str]) -> list[str]:
    """The same inside a room that has rooms: what is imported from the same floor, or a higher."""
    floor = floor_of(INNER_FLOORS[folder])
    here = inner_room(folder, module_of(file))
    return [
        module
        for module in modules
        if (there := inner_room(folder, module)) in floor
        and there != here
        and not (here in floor and floor[there] < floor[here])
    ]


def _may(here: str, there: str) -> bool:
    if FLOOR_OF[there] == FLOOR_OF[here]:
        return here in FLOORS[0]  # the ground floor is one room of a few files
    return FLOOR_OF[there] < FLOOR_OF[here]


def calls_to_pay(tree: ast.Module, file: str) -> list[int]:
    """Lines that reach for a paid method; `orders.clone` and `designing.design` commit an order."""
    orders = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
        if ORDERS & {alias.name, f"{getattr(node, 'module', None)}.{alias.name}"}
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and node.attr in PAID
        and ast.unparse(node.value) not in orders
    ] + [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "getattr"
        and any(isinstance(arg, ast.Constant) and arg.value in PAID for arg in node.args)
    ]


def sentences_in(tree: ast.Module) -> set[str]:
    """Names that a module gives to its sentences."""
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and _is_prose(node.value, set(), set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }


@cache
def all_sentences() -> frozenset[str]:
    """`lib.ui.shared.player.LEFT_BEHIND`, and each other sentence that has a name."""
    return frozenset(
        f"{module_of(file)}.{name}" for file in FILES for name in sentences_in(tree_of(file))
    )


def readings_of_prose(tree: ast.Module, file: str = "") -> list[int]:
    """Lines that compare or search a sentence: what is decided by has to be stored beside it."""
    named = sentences_in(tree) | {
        name.rpartition(".")[2] for name in imports_of(tree, file) if name in all_sentences()
    }
    scopes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Module)]
    return sorted({line for scope in scopes for line in _readings_in(scope, named)})


def _readings_in(scope: ast.AST, named: set[str]) -> Iterator[int]:
    nodes = list(_own(scope))
    caught = {node.name for node in nodes if isinstance(node, ast.ExceptHandler) and node.name}
    held = PROSE | named
    for node in nodes:
        if isinstance(node, ast.Assign) and _is_prose(node.value, held, caught):
            held |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.NamedExpr) and _is_prose(node.value, held, caught):
            held.add(node.target.id)
    for node in nodes:
        if any(_is_prose(part, held, caught) for part in _looked_at(node)):
            yield node.lineno  # type: ignore[attr-defined]


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """All parts of a function, or of a module, but what is inside its functions."""
    for node in ast.iter_child_nodes(scope):
        if not isinstance(node, ast.FunctionDef):
            yield node
            yield from _own(node)


def _looked_at(node: ast.AST) -> list[ast.expr]:
    """What a part of a program compares, searches or looks up."""
    if isinstance(node, ast.Compare):
        by_value = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
        is_by_value = any(isinstance(how, by_value) for how in node.ops)
        return [node.left, *node.comparators] if is_by_value else []
    if isinstance(node, ast.Match):
        return [node.subject]
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return [node.slice] if node.value.id.isupper() else []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        method = node.func.attr
        if method in SEARCHES:
            return [node.func.value]
        if method == "get":
            return node.args[:1]
        return node.args if method in MATCHES else []
    return []


def _is_prose(node: ast.expr, held: set[str], caught: set[str]) -> bool:
    """Whether this is a sentence, or one that was changed a little (`str(problem).lower()`)."""
    if isinstance(node, ast.Attribute):
        return node.attr in PROSE
    if isinstance(node, ast.Name):
        return node.id in held - caught
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and SENTENCE.fullmatch(node.value) is not None
    if isinstance(node, ast.Call) and _makes_prose(node.func):
        return True
    inner: list[ast.expr] = []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        inner = [] if node.func.attr in (*MATCHES, "get") else [node.func.value]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str":
        if any(isinstance(arg, ast.Name) and arg.id in caught for arg in node.args):
            return True
        inner = node.args
    elif isinstance(node, ast.BoolOp):
        inner = node.values
    elif isinstance(node, ast.IfExp):
        inner = [node.body, node.orelse]
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        inner = node.elts
    elif isinstance(node, ast.Subscript | ast.NamedExpr):
        inner = [node.value]
    return any(_is_prose(part, held, caught) for part in inner)


def _makes_prose(called: ast.expr) -> bool:
    """`sentence(Reason.X)`, or what else the wording of a room makes."""
    if isinstance(called, ast.Attribute):
        return isinstance(called.value, ast.Name) and called.value.id == "wording"
    return isinstance(called, ast.Name) and called.id == "sentence"


def reached_stores(tree: ast.Module, file: str = "") -> list[str]:
    """What in a file reaches a database, a vault or a service by itself."""
    imports = [name for name in imports_of(tree, file) if name.startswith(STORES)]
    held = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in HOLDS_STORES
    ]
    given = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in GIVES_STORES
    ]
    return imports + held + given


def names_told(tree: ast.Module) -> list[str]:
    """Texts that name a service or its models; what only programmers read is left out."""
    read_here = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in read_here
        and NAMED.search(node.value)
    ]


def test_the_house_was_found() -> None:
    assert len(LIB) > 20
    assert len(PAGES) == 10


def test_each_file_lies_in_a_room_of_the_house() -> None:
    homeless = [
        f for f in FILES if f != "lib/__init__.py" and room_of(module_of(f)) not in FLOOR_OF
    ]
    assert homeless == []


def test_imports_only_go_down() -> None:
    assert _found(FILES, lambda file: offences(file, all_imports(file))) == {}


@pytest.mark.parametrize("folder", INNER_FLOORS)
def test_inside_a_room_imports_only_go_down_as_well(folder: str) -> None:
    inside = [file for file in LIB if file.startswith(f"lib/{folder}/")]
    found = _found(inside, lambda file: inner_offences(folder, file, all_imports(file)))
    assert found == {}


@pytest.mark.parametrize("folder", INNER_FLOORS)
def test_each_module_inside_lies_in_one_of_its_rooms(folder: str) -> None:
    inside = {inner_room(folder, module_of(f)) for f in LIB if f.startswith(f"lib/{folder}/")}
    assert inside - {""} == set(floor_of(INNER_FLOORS[folder]))


def test_no_modules_import_each_other_in_a_circle() -> None:
    modules = {module_of(file) for file in FILES}
    below = {
        module_of(file): {
            name if name in modules else name.rpartition(".")[0] for name in all_imports(file)
        }
        & modules - {module_of(file)}
        for file in FILES
    }
    TopologicalSorter(below).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize(
    ("line", "offends"),
    [
        ("from lib.studio.orders import cloning", False),
        ("from lib.studio.jobs import polling", False),
        ("from lib.studio.library import listing", True),
        ("from lib.studio import alerts", True),
        ("from lib.registry import Registry", False),
    ],
)
def test_inner_floors_are_told_apart(line: str, offends: bool) -> None:
    file = "lib/studio/jobs/sending.py"
    assert bool(inner_offences("studio", file, list(imports_of(ast.parse(line), file)))) is offends


def test_only_the_ui_knows_streamlit() -> None:
    below = [file for file in LIB if not file.startswith("lib/ui/")]
    assert _found(below, lambda file: imported(file, {"streamlit"})) == {}


def test_only_clients_and_downloads_know_httpx() -> None:
    others = [f for f in FILES if not f.startswith("lib/providers/") and f != "lib/downloads.py"]
    assert _found(others, lambda file: imported(file, {"httpx"})) == {}


def test_pages_know_no_sql_and_no_s3() -> None:
    stores = {"sqlalchemy", "sqlite3", "psycopg", "boto3", "botocore"}
    pages = [*PAGES, "streamlit_app.py"]
    assert _found(pages, lambda file: imported(file, stores)) == {}


def test_pages_reach_stores_and_services_through_the_studio_only() -> None:
    screens = [f for f in (*LIB, *PAGES, "streamlit_app.py") if f.startswith(SCREENS)]
    assert len(screens) > 20
    assert _found(screens, lambda file: reached_stores(tree_of(file), file)) == {}


@pytest.mark.parametrize(
    ("code", "reaches"),
    [
        ("context.registry.jobs.get(name)", True),
        ("registry = context.registry", True),
        ("from lib.registry import Note", True),
        ("from lib.vault.base import VaultError", True),
        ("context.live_vault.sign(key)", True),
        ("context.vault(service).name", True),
        ("context.provider(service).balance()", True),
        ("context.providers[service]", True),
        ("context.wake()", True),
        ("evidence.vault == terms.vault", False),
        ("from lib.studio.core.records import Note", False),
        ("overview.find(context, job_id)", False),
    ],
)
def test_what_reaches_a_store_is_told_apart(code: str, reaches: bool) -> None:
    assert bool(reached_stores(ast.parse(code))) is reaches


def test_the_demo_shares_no_code_with_its_clients() -> None:
    allowed = {"lib.services", "lib.clock", "lib.demo"}
    demo = [file for file in LIB if file.startswith("lib/demo/")]

    def shared(file: str) -> set[str]:
        return {".".join(n.split(".")[:2]) for n in all_imports(file) if is_ours(n)} - allowed

    assert _found(demo, shared) == {}


def test_only_one_file_calls_what_is_paid() -> None:
    others = [file for file in FILES if file not in (SENDER, TWO_IN_ONE)]
    assert _found(others, lambda file: calls_to_pay(tree_of(file), file)) == {}


def test_the_sender_does_call_what_is_paid() -> None:
    assert calls_to_pay(tree_of(SENDER), SENDER)


def test_error_kinds_have_one_home() -> None:
    assert lib.providers.base.ErrorKind is lib.models.ErrorKind


def test_pages_take_the_names_of_services_from_their_facts() -> None:
    screens = [file for file in (*LIB, *PAGES) if file.startswith(SCREENS)]
    assert _found(screens, lambda file: list(names_told(tree_of(file)))) == {}


def test_what_holds_for_a_service_or_a_kind_follows_from_its_data() -> None:
    names = {"NANOGPT", "KYMA", "MINIMAX", "QWEN", "INWORLD"}
    ground = ("lib/services/", "lib/providers/", "lib/demo/", "lib/models.py")
    above = [file for file in FILES if not file.startswith(ground)]

    def known(file: str) -> set[str]:
        nodes = list(ast.walk(tree_of(file)))
        found = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        return names & (found | {node.id for node in nodes if isinstance(node, ast.Name)})

    assert _found(above, known).keys() == KNOW_ONE.keys()


def test_nothing_is_decided_by_the_words_of_a_sentence() -> None:
    files = [file for file in FILES if "/migrations/" not in file]
    found = _found(files, lambda file: readings_of_prose(tree_of(file), file))
    assert {file: lines for file, lines in found.items() if file not in READS_PROSE} == {}
    assert set(found) == READS_PROSE


def test_only_one_function_moves_a_job() -> None:
    """It checks each move against the table of the legal ones."""

    def own_moves(file: str) -> list[int]:
        return [
            node.lineno
            for node in ast.walk(tree_of(file))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "values"
            and "state" in (*_names_in(node), *(given.arg for given in node.keywords))
        ]

    assert _found(LIB, own_moves) == {}


def _names_in(call: ast.Call) -> list[object]:
    """The keys of the dictionaries that are written out in a call."""
    keys = [key for given in call.args if isinstance(given, ast.Dict) for key in given.keys]
    return [key.value for key in keys if isinstance(key, ast.Constant)]


def test_no_file_is_too_long_to_be_read() -> None:
    lines = {file: len((ROOT / file).read_bytes().splitlines()) for file in FILES}
    assert {file: count for file, count in lines.items() if count > MAX_LINES} == {}


def test_every_module_says_what_it_is_for() -> None:
    assert [file for file in FILES if not ast.get_docstring(tree_of(file))] == []


def all_tests() -> list[str]:
    return sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/**/*.py"))


def test_no_test_file_imports_another() -> None:
    """What two of them share lies beside them, in a module with one purpose."""

    def borrowed(file: str) -> list[str]:
        named = imports_of(tree_of(file), file)
        return [name for name in named if name.startswith("tests.") and ".test_" in name]

    assert _found(all_tests(), borrowed) == {}


def texts_of(tree: ast.AST) -> Iterator[str]:
    """All texts of a part of a program, those of f-strings in pieces."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def sentences_asserted(tree: ast.Module) -> set[str]:
    """Texts with spaces that an `assert`, or the `match` of `pytest.raises`, looks for."""
    looked_at = [
        node.test if isinstance(node, ast.Assert) else node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert) or (isinstance(node, ast.keyword) and node.arg == "match")
    ]
    texts = {text for node in looked_at for text in texts_of(node)}
    return {text for text in texts if " " in text and len(text) > LONGEST_SHARED}


def test_a_sentence_is_asserted_in_one_file_alone() -> None:
    """Others assert the data behind it, or take it from the product or `tests/sentences.py`."""
    files: dict[str, list[str]] = {}
    for file in all_tests():
        for text in sentences_asserted(tree_of(file)):
            files.setdefault(text, []).append(file)
    assert {text: where for text, where in files.items() if len(where) > 1} == {}


def test_the_sentences_that_tests_share_are_said_by_the_app() -> None:
    said = [text for file in FILES for text in texts_of(tree_of(file))]
    shared = [value for name, value in vars(sentences).items() if name.isupper()]
    assert [text for text in shared if not any(text in whole for whole in said)] == []


def _found(files: Iterable[str], look: Callable[[str], Collection[object]]) -> dict[str, object]:
    """What a rule finds, by file: a failing test names each of them."""
    return {file: found for file in files if (found := look(file))}


@pytest.mark.parametrize(
    ("file", "line", "offends"),
    [
        ("lib/retention.py", "from lib.models import Voice", False),
        ("lib/retention.py", "import lib.pricing", True),
        ("lib/retention.py", "def later():\n    from lib import registry", True),
        ("lib/models.py", "from lib.clock import Clock", False),
        ("lib/registry/jobs.py", "from lib.vault.base import Vault", True),
        ("lib/registry/jobs.py", "from lib.registry import schema", False),
        ("lib/registry/jobs.py", "from . import schema", False),
        ("lib/registry/jobs.py", "from ..vault import base", True),
        ("lib/registry/jobs.py", "from lib.manifest import read_take", False),
        ("lib/registry/__init__.py", "from .jobs import Jobs", False),
        ("lib/registry/__init__.py", "from ..studio import orders", True),
        ("lib/providers/http.py", "from lib import downloads", False),
        ("lib/downloads.py", "from lib.demo import DemoService", True),
        ("lib/keeper/__main__.py", "from lib.keeper.passes import one_pass", False),
        ("lib/keeper/passes.py", "from lib.ui import words", True),
        ("lib/studio/orders/activation.py", "from lib import keeper", True),
        ("lib/ui/access/front.py", "from lib import keeper", False),
        ("pages/home.py", "from lib.ui.front import enter", False),
        ("lib/ui/access/front.py", "import pages.home", True),
    ],
)
def test_the_floors_are_told_apart(file: str, line: str, offends: bool) -> None:
    assert bool(offences(file, list(imports_of(ast.parse(line), file)))) is offends


@pytest.mark.parametrize(
    ("code", "looks"),
    [
        ('assert "Nothing was spent." in said', True),
        ('assert f"Nothing was spent on {name}" in said', True),
        ('with pytest.raises(E, match="Nothing was spent"): ...', True),
        ('told = "Nothing was spent."', False),
        ('assert job.error == "Nothing"', False),
    ],
)
def test_asserting_a_sentence_is_told_from_having_one(code: str, looks: bool) -> None:
    assert bool(sentences_asserted(ast.parse(code))) is looks


@pytest.mark.parametrize(
    ("code", "pays"),
    [
        ("provider.clone(order)", True),
        ("context.provider(service).speak(order)", True),
        ("self.providers['a'].design(order)", True),
        ("pool.submit(provider.clone, order)", True),
        ("getattr(provider, 'speak')(order)", True),
        ("orders.clone(context, request)", True),
        ("from lib.studio.orders import cloning\ncloning.clone(context, request)", False),
        ("from lib.studio.orders import cloning as o\no.speak(context, request)", False),
        ("from lib.studio.orders import designing\ndesigning.design(context, request)", False),
        ("import lib.studio.orders.cloning\nlib.studio.orders.cloning.clone(1)", False),
        ("from lib.studio.orders import cloning\ncloning.provider.clone(1)", True),
        ("from other import orders\norders.clone(1)", True),
        ("def clone(self): ...\nclone(1)", False),
    ],
)
def test_paying_is_told_from_ordering(code: str, pays: bool) -> None:
    assert bool(calls_to_pay(ast.parse(code), "lib/studio/x.py")) is pays


@pytest.mark.parametrize(
    ("code", "reads"),
    [
        ("if 'othing was' not in job.error: ...", True),
        ("elsewhere = job.last_answer == ELSEWHERE", True),
        ("if proof.withdrawn_why == OTHERS_KEY: ...", True),
        ("if OTHERS_KEY != proof.withdrawn_why: ...", True),
        ("if job.error in (GONE, NO_ADDRESS): ...", True),
        ("if job.error == '': ...", True),
        ("update(table).where(table.c.last_answer == '')", True),
        ("update(table).where(table.c.last_answer.startswith(told))", True),
        ("select(table).where(table.c.error.in_(KNOWN))", True),
        ("if why.startswith(IN_LINE): ...", True),
        ("if job.error.lower().startswith('no'): ...", True),
        ("if (job.error or '').endswith('spent.'): ...", True),
        ("if job.error[:4] == 'Gone': ...", True),
        ("if re.search('spent', job.error): ...", True),
        ("if GONE.match(problem.sentence): ...", True),
        ("kind = KINDS[job.error]", True),
        ("kind = KINDS.get(job.error)", True),
        ("match job.error:\n    case 'No.': ...", True),
        ("def f():\n    told = job.error\n    return 'x' in told", True),
        ("def f():\n    if (told := job.error) and 'x' in told: ...", True),
        ("try: ...\nexcept E as problem:\n    if 'busy' in str(problem): ...", True),
        ("if told == 'Nothing was spent.': ...", True),
        ("if told in ('Nothing was spent.', ''): ...", True),
        ("GONE = 'It is gone.'\nif told == GONE: ...", True),
        ("from lib.ui.shared.player import LEFT_BEHIND\nif told == LEFT_BEHIND: ...", True),
        ("if told == sentence(Reason.GONE): ...", True),
        ("if told in (wording.gone(name), ''): ...", True),
        ("GONE = (404, 410)\nif status in GONE: ...", False),
        ("seen.body.get('sentence', 'Not looked at yet.')", False),
        ("by_reason[item.why].append(item)", False),
        ("if job.error_kind == ErrorKind.NO_SOUND: ...", False),
        ("if problem.kind in BLOCKING: ...", False),
        ("try: ...\nexcept E as error:\n    if error in seen: ...", False),
        ("if job.error: st.error(job.error)", False),
        ("told = job.last_answer or 'Waiting for its turn.'", False),
        ("if job.error is None: ...", False),
        ("if problem.retry_after > 3: ...", False),
        ("def f():\n    told = job.error\ndef g(told):\n    return 'x' in told", False),
        ("if body.get('state') == 'confirmed': ...", False),
        ("fields.get('error')", False),
        ("jobs.fail(job, error=sentence(Reason.GONE))", False),
        ("jobs.later(job, answer=f'{job.error} {why}')", False),
    ],
)
def test_reading_a_sentence_is_told_from_writing_one(code: str, reads: bool) -> None:
    assert bool(readings_of_prose(ast.parse(code))) is reads


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('st.info("Paste a key for Kyma.")', True),
        ('f"{count} voices at NanoGPT"', True),
        ('MODEL = "minimax-speech-hd"', True),
        ('st.info(f"Paste a key for {SERVICES[KYMA].title}.")', False),
        ('def draw():\n    """The list of NanoGPT."""', False),
        ('"""Kyma."""\nSHOWN = 4\n"""Of Kyma."""', False),
    ],
)
def test_names_on_screen_are_told_from_names_in_comments(code: str, names: bool) -> None:
    assert bool(names_told(ast.parse(code))) is names
