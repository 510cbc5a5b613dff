"""The verbs of storage, found by looking: who they ask, whether they write, and what they call on the way."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

import storage
from domain.access import Actor
from storage.database import Database

Verb = Callable[..., Any]
Name = tuple[str, str]


@cache
def modules() -> dict[str, ModuleType]:
    """Every file of storage, by its name."""
    names = [found.name for found in pkgutil.iter_modules(storage.__path__) if not found.ispkg]
    return {name: importlib.import_module(f"storage.{name}") for name in names}


def public() -> Iterator[tuple[str, Verb]]:
    """Every public function with its name, such as "campaigns.stop"."""
    for name, module in modules().items():
        for word, found in vars(module).items():
            if inspect.isfunction(found) and found.__module__ == module.__name__ and word[0] != "_":
                yield f"{name}.{word}", found


def of_people() -> dict[str, Verb]:
    """Those in which somebody acts: a database first and the actor second."""
    return {name: verb for name, verb in public() if _takes(verb)[:2] == [Database, Actor]}


def of_the_program() -> dict[str, Verb]:
    """Those that write without anybody who acts."""
    return {
        name: verb
        for name, verb in public()
        if _takes(verb)[:1] == [Database] and Actor not in _takes(verb) and writes(name)
    }


def writes(name: str) -> bool:
    """Whether a verb begins a transaction that writes, itself or through what it calls."""
    return "write" in reached(name)


def reached(name: str) -> set[str]:
    """The names of all that a verb calls, over every file of storage."""
    module, _, word = name.partition(".")
    seen: set[Name] = set()
    called: set[str] = set()
    todo = [(module, word)]
    while todo:
        here = todo.pop()
        if here in seen:
            continue
        seen.add(here)
        for target in _calls(*here):
            called.add(".".join(part for part in target if part))
            if target[0]:
                todo.append(target)
    return called


@cache
def _calls(module: str, word: str) -> list[Name]:
    """What one function calls: (file, function), or ("", method) for what is no function of ours."""
    functions = _functions(module)
    if word not in functions:
        return []
    found: list[Name] = []
    for node in ast.walk(functions[word]):
        if isinstance(node, ast.Name) and node.id in functions:
            found.append((module, node.id))
        elif isinstance(node, ast.Name) and node.id in _imported(module):
            found.append(_imported(module)[node.id])
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            home = _imported(module).get(node.value.id, ("", ""))
            found.append((home[0], node.attr) if home[0] and not home[1] else ("", node.attr))
    return found


@cache
def _functions(module: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(modules()[module])) if module in modules() else ast.Module([], [])
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@cache
def _imported(module: str) -> dict[str, Name]:
    """What a file knows other files, and their functions, by."""
    known: dict[str, Name] = {}
    for node in ast.walk(ast.parse(inspect.getsource(modules()[module]))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("storage"):
            for alias in node.names:
                word = alias.asname or alias.name
                if node.module == "storage":
                    known[word] = (alias.name, "")
                else:
                    known[word] = ((node.module or "").partition(".")[2], alias.name)
    return known


def _takes(verb: Verb) -> list[Any]:
    return [parameter.annotation for parameter in inspect.signature(verb).parameters.values()]
