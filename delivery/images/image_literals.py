"""The literals that name images in the syntax tree of an environment's file."""

from collections import Counter, defaultdict
from collections.abc import Mapping

import libcst as cst
from libcst.metadata import ExpressionContext, ExpressionContextProvider, MetadataWrapper, PositionProvider

from environments.schema.settings import Image

_ENVIRONMENT = "ENVIRONMENT"
_FIELDS = ("tag", "digest")
# Limit in characters for code quoted in a message.
_LONGEST = 60


class SettingsEditError(Exception):
    """An environment's file cannot be edited; the message names the file, the line, the finding and what is allowed."""


class ImageLiterals:
    """The literals in the text of an environment's file. place: the file's name, for messages.

    The search starts at ``ENVIRONMENT = Environment(...)`` and follows argument names and constants at the file's top
    level. Every method raises SettingsEditError for anything that is neither a literal nor such a constant.
    """

    def __init__(self, source: str, place: str) -> None:
        self._wrapper = MetadataWrapper(cst.parse_module(source))
        self._place = place
        self._positions = self._wrapper.resolve(PositionProvider)
        self._names = _Names()
        self._wrapper.visit(self._names)
        self._followed: dict[str, set[cst.CSTNode]] = defaultdict(set)
        self._replaced: dict[cst.CSTNode, str] = {}
        self._added: dict[cst.CSTNode, dict[str, str]] = defaultdict(dict)

    def set(self, field: str, image: Image) -> None:
        """Change the image in a field of ``Environment.images``. image: with a tag and a digest."""
        environment = self._call(self._value(_ENVIRONMENT), "Environment", _ENVIRONMENT)
        workload = self._call(self._argument(environment, field), "Workload", field)
        place = f"{field}.image"
        call = self._call(self._argument(workload, "image"), "Image", place)
        arguments = self._arguments(call)
        for key in _FIELDS:
            value: str | None = getattr(image, key)
            if value is None:
                raise SettingsEditError(f"{place} would be {image!r}; allowed: a tag and a digest")
            if key in arguments:
                node = self._literal(arguments[key], f"{place}.{key}")
                self._agree(node, self._replaced.setdefault(node, value) == value, f"{place}.{key}")
            else:
                self._agree(call, self._added[call].setdefault(key, value) == value, f"{place}.{key}")

    def changed(self) -> str:
        """Return the file's text with the changes; lines may be too long."""
        for name, followed in self._followed.items():
            if self._names.used[name] != len(followed):
                raise self._error(
                    self._names.values[name], f"{name} is used for more than these images", "a constant for them alone"
                )
        return self._wrapper.module.visit(_Replacement(self._replaced, self._added)).code

    def _literal(self, expression: cst.BaseExpression, place: str) -> cst.BaseExpression:
        node = self._follow(expression)
        if isinstance(node, cst.SimpleString) or _is_none(node):
            return node
        raise self._error(node, f"{place} is {self._code(node)}", "a string, or a constant of this file that is one")

    def _call(self, expression: cst.BaseExpression, name: str, place: str) -> cst.Call:
        node = self._follow(expression)
        if isinstance(node, cst.Call):
            function = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
            if isinstance(function, cst.Name) and function.value == name:
                return node
        raise self._error(
            node, f"{place} is {self._code(node)}", f"{name}(...), or a constant of this file that is one"
        )

    def _argument(self, call: cst.Call, name: str) -> cst.BaseExpression:
        arguments = self._arguments(call)
        if name not in arguments:
            raise self._error(call, f"{self._code(call)} has no {name}", f"{name}=... written there")
        return arguments[name]

    def _arguments(self, call: cst.Call) -> dict[str, cst.BaseExpression]:
        named = {}
        for argument in call.args:
            if argument.keyword is None:
                raise self._error(argument, f"{self._code(argument)} is an argument without a name", "NAME=VALUE")
            named[argument.keyword.value] = argument.value
        return named

    def _follow(self, expression: cst.BaseExpression) -> cst.BaseExpression:
        """The expression that a name stands for."""
        names: set[str] = set()
        while isinstance(expression, cst.Name) and not _is_none(expression):
            name = expression.value
            if name in names:
                raise self._error(expression, f"{name} refers to itself", "a constant that is a literal")
            names.add(name)
            self._followed[name].add(expression)
            try:
                expression = self._value(name)
            except SettingsEditError:
                raise self._error(expression, *self._unclear(name)) from None
        return expression

    def _value(self, name: str) -> cst.BaseExpression:
        if self._names.bound[name] != 1 or name not in self._names.values:
            found, allowed = self._unclear(name)
            raise SettingsEditError(f"{self._place}: {found}; allowed: {allowed}")
        return self._names.values[name]

    def _unclear(self, name: str) -> tuple[str, str]:
        return f"{name} is set {self._names.bound[name]} times here", f"{name} = ... once, at the file's top level"

    def _agree(self, node: cst.CSTNode, agrees: bool, place: str) -> None:  # noqa: FBT001 what it is about
        if not agrees:
            raise self._error(
                node, f"{place} is shared with another application, which gets another one", "an Image(...) for each"
            )

    def _error(self, node: cst.CSTNode, found: str, allowed: str) -> SettingsEditError:
        return SettingsEditError(f"{self._place}:{self._positions[node].start.line}: {found}; allowed: {allowed}")

    def _code(self, node: cst.CSTNode) -> str:
        code = " ".join(self._wrapper.module.code_for_node(node).split())
        return code if len(code) <= _LONGEST else f"{code[:_LONGEST]}..."


class _Names(cst.CSTVisitor):
    """The names in a file: how often each is bound and read, and the values of top-level constants."""

    METADATA_DEPENDENCIES = (ExpressionContextProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, cst.BaseExpression] = {}
        self.bound: Counter[str] = Counter()
        self.used: Counter[str] = Counter()

    def visit_Module(self, node: cst.Module) -> None:  # noqa: N802 libcst's name for it
        for line in node.body:
            for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
                    self._bind(statement.targets[0].target, statement.value)
                elif isinstance(statement, cst.AnnAssign) and statement.value is not None:
                    self._bind(statement.target, statement.value)

    def visit_Name(self, node: cst.Name) -> None:  # noqa: N802 libcst's name for it
        context = self.get_metadata(ExpressionContextProvider, node, None)
        if context is ExpressionContext.LOAD:
            self.used[node.value] += 1
        elif context is not None:
            self.bound[node.value] += 1

    def _bind(self, target: cst.BaseExpression, value: cst.BaseExpression) -> None:
        if isinstance(target, cst.Name):
            self.values[target.value] = value


class _Replacement(cst.CSTTransformer):
    """Replaces literals and adds arguments to calls."""

    def __init__(self, replaced: Mapping[cst.CSTNode, str], added: Mapping[cst.CSTNode, Mapping[str, str]]) -> None:
        super().__init__()
        self._replaced = replaced
        self._added = added

    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> cst.BaseExpression:  # noqa: N802 libcst's name for it
        value = self._replaced.get(original_node)
        return updated_node if value in (None, original_node.evaluated_value) else _text(value)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:  # noqa: N802 libcst's name for it
        value = self._replaced.get(original_node)
        return updated_node if value is None else _text(value)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:  # noqa: N802 libcst's name for it
        added = self._added.get(original_node)
        if not added:
            return updated_node
        arguments = list(updated_node.args)
        # Readers look for the tag first.
        if "tag" in added:
            arguments.insert(0, _argument("tag", added["tag"]))
        if "digest" in added:
            *others, last = arguments
            # Whatever follows the last argument, such as a comment, stays behind the new last one.
            arguments = [*others, _followed_by_another(last), _argument("digest", added["digest"], last)]
        return updated_node.with_changes(args=arguments)


def _followed_by_another(argument: cst.Arg) -> cst.Arg:
    separated = isinstance(argument.comma, cst.Comma)
    return argument if separated else argument.with_changes(comma=_SEPARATOR, whitespace_after_arg=_NOTHING)


def _argument(name: str, value: str, before: cst.Arg | None = None) -> cst.Arg:
    """An argument followed by a comma. A trailing comma makes ruff put each argument on its own line."""
    unseparated = before is not None and not isinstance(before.comma, cst.Comma)
    return cst.Arg(
        keyword=cst.Name(name),
        value=_text(value),
        equal=cst.AssignEqual(whitespace_before=_NOTHING, whitespace_after=_NOTHING),
        comma=_SEPARATOR,
        whitespace_after_arg=before.whitespace_after_arg if before is not None and unseparated else _NOTHING,
    )


def _text(value: str) -> cst.SimpleString:
    return cst.SimpleString(f'"{value}"')


def _is_none(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


_NOTHING = cst.SimpleWhitespace("")
_SEPARATOR = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
