"""What `setup.py` and `setup.cfg` declare; nothing is executed, only literals are read."""

import ast
from collections.abc import Iterator, Mapping

from devnexus.events.patterns_extracted import Dependency, Manifest
from extractor.evidence import lines_of
from extractor.manifests.requirement import python_dependency, valid_python_name

_LARGEST_SCRIPT = 100_000


def read_setup_py(text: str) -> Manifest | None:
    """The literals in the call of `setup`, None if there is no such call; ValueError if it is no Python."""
    module = _parsed(text)
    call = next((node for node in ast.walk(module) if isinstance(node, ast.Call) and _is_setup(node)), None)
    if call is None:
        return None
    constants = _constants(module)
    given = {keyword.arg: _resolved(keyword.value, constants) for keyword in call.keywords if keyword.arg}
    return Manifest(
        ecosystem="pypi",
        name=valid_python_name(_text(given.get("name"))),
        description=_text(given.get("description")),
        dependencies=(*_listed(given.get("install_requires"), ""), *_extras(given.get("extras_require"))),
    )


def read_setup_cfg(text: str) -> Manifest | None:
    """What the sections of setuptools declare, or None if the file only configures tools."""
    name = description = None
    dependencies: list[Dependency] = []
    for section, key, value, line in _cfg_values(text):
        if (section, key) == ("metadata", "name"):
            name = valid_python_name(value)
        elif (section, key) == ("metadata", "description"):
            description = value
        elif (section, key) == ("options", "install_requires") or section == "options.extras_require":
            group = "" if section == "options" else key
            dependencies += filter(None, [python_dependency(value, group=group, line=line)])
    if name is None and not dependencies:
        return None
    return Manifest(ecosystem="pypi", name=name, description=description, dependencies=tuple(dependencies))


def _parsed(text: str) -> ast.Module:
    # deep nesting can exhaust the interpreter's own stack, and no real setup.py is that large
    if len(text) > _LARGEST_SCRIPT:
        raise ValueError(f"a setup.py of more than {_LARGEST_SCRIPT} characters is not read")
    try:
        return ast.parse(text)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"not Python: {error}") from error


def _is_setup(call: ast.Call) -> bool:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
    return name == "setup"


def _constants(module: ast.Module) -> Mapping[str, ast.expr]:
    return {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _resolved(value: ast.expr, constants: Mapping[str, ast.expr]) -> ast.expr:
    return constants.get(value.id, value) if isinstance(value, ast.Name) else value


def _text(value: ast.expr | None) -> str | None:
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return None
    return value.value.encode("utf-8", "replace").decode()  # an escape can make half a surrogate


def _listed(value: ast.expr | None, group: str) -> Iterator[Dependency]:
    for element in value.elts if isinstance(value, ast.List | ast.Tuple) else ():
        text = _text(element)
        found = python_dependency(text, group=group, line=element.lineno) if text else None
        if found:
            yield found


def _extras(value: ast.expr | None) -> Iterator[Dependency]:
    if isinstance(value, ast.Dict):
        for key, wanted in zip(value.keys, value.values, strict=True):
            yield from _listed(wanted, _text(key) or "extra")


def _cfg_values(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Section, key, one line of the value, and where it stands, as configparser understands the file."""
    section = key = ""
    for number, line in enumerate(lines_of(text), 1):
        content = line.strip()
        if not content or content.startswith(("#", ";")):
            continue
        if content.startswith("[") and not line[0].isspace():
            section, key = content.strip("[]"), ""
        elif line[0].isspace():
            yield section, key, content, number
        else:
            key, _, value = (part.strip() for part in content.partition("="))
            if value:
                yield section, key, value, number
