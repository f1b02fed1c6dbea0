# SPDX-License-Identifier: Apache-2.0
"""Would this handler start? Runs in the sandbox: parses the module, then imports it.

The argument is one JSON object, standard output one too; what the checked code prints goes elsewhere.
"""

import ast
import errno
import importlib
import inspect
import json
import os
import sys
import traceback

CODE, DEPENDENCIES = "/code", "/dependencies"


class Problem(Exception):
    def __init__(self, code, summary, hint="", file="", line=0, **more):
        super().__init__(summary)
        self.report = {"code": code, "summary": summary, "hint": hint, "file": file, "line": line, **more}


def relative(path):
    path = os.path.normpath(path)
    return os.path.relpath(path, CODE) if path.startswith(CODE + os.sep) else ""


def check_arity(name, required, accepted, place):
    """`accepted` None: any number."""
    if required > 2 or (accepted is not None and accepted < 1):
        raise Problem(
            "handler-arity",
            f"'{name}' takes {describe(required, accepted)}; it is called with (event) or (event, context)",
            f"declare it as 'def {name}(event, context):'",
            *place,
        )


def describe(required, accepted):
    if accepted == 0:
        return "no arguments"
    return f"{required} arguments" if required == accepted else f"at least {required} arguments"


def is_generator(function):
    """Does the body yield, leaving out functions inside it?"""
    todo = list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            todo.extend(ast.iter_child_nodes(node))
    return False


def generator_problem(name, place):
    return Problem(
        "handler-generator",
        f"'{name}' is a generator; what it yields cannot be sent as an answer",
        "return one value instead of yielding several",
        *place,
    )


def class_problem(name, place):
    return Problem(
        "handler-is-class",
        f"'{name}' is a class, not a function",
        "name a function, or an instance of the class that can be called",
        *place,
    )


def look(file, name):
    """What can be said without running anything."""
    with open(os.path.join(CODE, file), "rb") as source:
        text = source.read()
    try:
        tree = ast.parse(text, file)
    except (SyntaxError, ValueError) as error:
        raise Problem(
            "handler-syntax-error",
            f"{type(error).__name__}: {getattr(error, 'msg', error)}",
            file=file,
            line=getattr(error, "lineno", 0) or 0,
        ) from None
    found = None
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == name:
            found = node
    if found is None or found.decorator_list:
        return
    place = (file, found.lineno)
    if isinstance(found, ast.ClassDef):
        raise class_problem(name, place)
    if is_generator(found):
        raise generator_problem(name, place)
    arguments = found.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    required += sum(default is None for default in arguments.kw_defaults) * 3  # can never be given
    check_arity(name, required, None if arguments.vararg else positional, place)


def user_frame(error):
    """The last line of the user's own code in the traceback."""
    place = ("", 0)
    for frame in traceback.extract_tb(error.__traceback__):
        if relative(frame.filename):
            place = (relative(frame.filename), frame.lineno)
    return place


def looks_like_network(error):
    while error is not None:
        if isinstance(error, (ConnectionError, TimeoutError)) or type(error).__name__ in (
            "gaierror",
            "URLError",
        ):
            return True
        if getattr(error, "errno", None) in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
            return True
        error = error.__cause__ or error.__context__
    return False


def load(module):
    try:
        return importlib.import_module(module)
    except SyntaxError as error:
        raise Problem(
            "handler-syntax-error",
            f"{type(error).__name__}: {error.msg}",
            file=relative(error.filename or ""),
            line=error.lineno or 0,
        ) from None
    except ModuleNotFoundError as error:
        place = user_frame(error)
        missing = error.name or ""
        raise Problem(
            "handler-import-error",
            f"importing '{module}' fails: {error}",
            f"add the package of '{missing}' to the requirements file" if missing else "",
            *place,
            missing=missing,
        ) from None
    except SystemExit as error:
        raise Problem(
            "handler-import-exit",
            f"importing '{module}' ends Python (sys.exit({error.code!r}))",
            "put what must not run at import below 'if __name__ == \"__main__\":'",
            *user_frame(error),
        ) from None
    except BaseException as error:
        network = looks_like_network(error)
        text = str(error)
        raise Problem(
            "handler-import-error",
            f"importing '{module}' fails: {type(error).__name__}{': ' + text if text else ''}",
            "the import is tried without network" if network else "",
            *user_frame(error),
            warning=network,
        ) from None


def place_of(value, module):
    try:
        return relative(inspect.getsourcefile(value)), inspect.getsourcelines(value)[1]
    except (TypeError, OSError):
        return relative(getattr(module, "__file__", "") or ""), 0


def check(module, name):
    loaded = load(module)
    value = loaded
    for part in name.split("."):
        if not hasattr(value, part):
            names = [n for n, v in vars(loaded).items() if callable(v) and not n.startswith("__")]
            raise Problem(
                "handler-missing",
                f"the module '{module}' has no '{name}'",
                file=relative(getattr(loaded, "__file__", "") or ""),
                candidates=names,
            )
        value = getattr(value, part)
    place = place_of(value, loaded)
    if inspect.isclass(value):
        raise class_problem(name, place)
    if not callable(value):
        raise Problem(
            "handler-not-callable",
            f"'{name}' is a {type(value).__name__}, not a function",
            "name a function of the module",
            *place,
        )
    if inspect.isgeneratorfunction(value) or inspect.isasyncgenfunction(value):
        raise generator_problem(name, place)
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return  # written in C: unknown
    for arguments in (("event",), ("event", "context")):
        try:
            signature.bind(*arguments)
            return
        except TypeError:
            pass
    kinds = inspect.Parameter
    positional = [
        p
        for p in signature.parameters.values()
        if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
    ]
    required = sum(p.default is kinds.empty for p in positional)
    forced = any(
        p.kind == kinds.KEYWORD_ONLY and p.default is kinds.empty for p in signature.parameters.values()
    )
    check_arity(name, 3 if forced else required, len(positional), place)


def main():
    request = json.loads(sys.argv.pop())
    # The answer has a descriptor of its own: code that prints, or closes its output, does not disturb it.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.path[:0] = [CODE, DEPENDENCIES]
    problem = None
    try:
        if request["module"].partition(".")[0] in sys.builtin_module_names:
            raise Problem(
                "handler-module-builtin",
                f"the module '{request['module']}' has the name of one that is built into Python, which wins",
                "rename the file",
                request["file"],
            )
        look(request["file"], request["callable"])
        if request["import"]:
            check(request["module"], request["callable"])
    except Problem as found:
        problem = found.report
    json.dump({"problem": problem}, answers)
    answers.flush()
    os._exit(0)  # threads and atexit functions of the checked code do not count


if __name__ == "__main__":
    main()
