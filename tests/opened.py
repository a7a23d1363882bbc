"""Source code that does the same, and has nothing left that Mutmut passes by: a part of `make mutants`.

Mutmut changes functions, but none that is decorated and no lambda of a table. So each decorator becomes a call below
its function, and each such lambda a function above its table.
"""

import ast
import re


def outside(node):
    """A node and those below it, but for those inside of a function or a comprehension."""
    yield node
    if not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.DictComp)):
        for below in ast.iter_child_nodes(node):
            yield from outside(below)


def opened(source):
    """The source of a module, its decorators and its lambdas opened up."""
    text, edits, lambdas = source.encode(), [], 0
    lines = [0, *(found.end() for found in re.finditer(rb"\n|$", text))]  # where each starts
    for statement in ast.parse(text).body:
        above = lines[min(node.lineno for node in [statement, *getattr(statement, "decorator_list", [])]) - 1]
        for node in outside(statement):
            if isinstance(node, ast.Lambda):
                at, end = lines[node.lineno - 1] + node.col_offset, lines[node.end_lineno - 1] + node.end_col_offset
                name, lambdas = f"_lambda_{lambdas}", lambdas + 1
                function = f"def {name}({ast.unparse(node.args)}):\n    return {ast.unparse(node.body)}\n"
                edits += [(above, above, function), (at, end, name)]
            elif isinstance(node, ast.FunctionDef) and node.decorator_list:
                called = node.name
                for decorator in reversed(node.decorator_list):
                    called = f"{ast.unparse(decorator)}({called})"
                at, end = (lines[n.lineno - 1] for n in (node.decorator_list[0], node))
                below, indent = lines[node.end_lineno], " " * node.col_offset
                edits += [(at, end, ""), (below, below, f"{indent}{node.name} = {called}\n")]
    for at, end, instead in sorted(edits, reverse=True):
        text = text[:at] + instead.encode() + text[end:]
    return text.decode()
