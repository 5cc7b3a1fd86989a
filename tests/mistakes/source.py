"""A source file as the mistakes see it: what is code in it, its calls, fields and blocks, and what its names stand for."""
import re

OPEN, CLOSE = "([{", ")]}"


class Edit:
    """A mistake at a place: the text from start to end becomes `new`. `about`: words of it that a good message may name."""

    def __init__(self, start, end, new, about=()):
        self.start, self.end, self.new, self.about = start, end, new, tuple(about)


def blank(text, spans):
    """The text with spaces, and newlines as they are, in the spans."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
        at = end
    return "".join(pieces) + text[at:]


def spans_of(text, python):
    """(comments, strings) of a source text."""
    quote = r'"""(?:.|\n)*?"""|' if python else ""
    string = quote + r'"(?:\\.|[^"\\\n])*"' + (r"|'(?:\\.|[^'\\\n])*'" if python else "")
    comment = r"#[^\n]*" if python else r"//[^\n]*"
    comments, strings = [], []
    for m in re.finditer(f"({comment})|({string})", text):
        (comments if m.group(1) else strings).append(m.span())
    return comments, strings


class Source:
    """One file: `code` has blanks for comments, `bare` for strings, too."""

    def __init__(self, path, text):
        self.path, self.text = path, text
        comments, strings = spans_of(text, path.endswith(".py"))
        self.code = blank(text, comments)
        self.bare = blank(self.code, strings)

    def line(self, offset):
        """Number of the line that holds an offset."""
        return self.text.count("\n", 0, offset) + 1

    def closing(self, offset):
        """The offset behind the bracket that closes the one at `offset`."""
        depth = 0
        for at in range(offset, len(self.bare)):
            depth += (self.bare[at] in OPEN) - (self.bare[at] in CLOSE)
            if depth == 0:
                return at + 1
        return len(self.bare)

    def calls(self, name):
        """(start, end) of calls of what the expression matches, with a semicolon behind them."""
        for m in re.finditer(rf"(?<![\w@])(?:{name})\s*\(", self.bare):
            end = self.closing(m.end() - 1)
            tail = re.match(r"\s*;", self.bare[end:])
            yield m.start(), end + (tail.end() if tail else 0)

    def statements(self, name):
        """Calls that stand alone on their lines."""
        for start, end in self.calls(name):
            before = self.bare[self.bare.rfind("\n", 0, start) + 1:start]
            if not before.strip() and self.bare[end - 1] in ";)":
                yield start, end

    def arguments(self, start):
        """(start, end) of every argument of the call that begins at `start`."""
        at = self.bare.index("(", start) + 1
        end, depth, begin = self.closing(at - 1) - 1, 0, at
        for i in range(at, end):
            depth += (self.bare[i] in OPEN) - (self.bare[i] in CLOSE)
            if self.bare[i] == "," and depth == 0:
                yield self.trim(begin, i)
                begin = i + 1
        if self.bare[begin:end].strip():
            yield self.trim(begin, end)

    def trim(self, start, end):
        """The span without blanks at its ends."""
        while start < end and self.code[start].isspace():
            start += 1
        while end > start and self.code[end - 1].isspace():
            end -= 1
        return start, end

    def fields(self, name, start=0, end=None):
        """(start, start of the value, end of the value) of `.name = value` in a range."""
        end = len(self.bare) if end is None else end
        for m in re.finditer(rf"\.(?:{name})\s*=(?!=)\s*", self.bare[start:end]):
            at, depth = start + m.end(), 0
            while at < end and (depth or self.bare[at] not in ",})"):
                depth += (self.bare[at] in OPEN) - (self.bare[at] in CLOSE)
                at += 1
            yield start + m.start(), *self.trim(start + m.end(), at)

    def branch(self, start):
        """(start, end) of a branch of an `if` that begins at an offset: a block, a struct or another expression."""
        while start < len(self.bare) and self.bare[start].isspace():
            start += 1
        brace = re.match(r"\.?\s*\{", self.bare[start:])
        if brace:
            return start, self.closing(start + brace.end() - 1)
        end, depth = start, 0
        while end < len(self.bare) and (depth or (self.bare[end] not in ";,)}" and not self.bare.startswith("else", end))):
            depth += (self.bare[end] in OPEN) - (self.bare[end] in CLOSE)
            end += 1
        return start, end

    def only_for(self, arch):
        """Spans that are code of the other architecture."""
        for m in re.finditer(r"\(@is_arch\(\"(wse[23])\"\)\)", self.code):
            start, end = self.branch(m.end())
            behind = re.match(r"\s*else\b", self.bare[end:])
            if m.group(1) != arch:
                yield start, end
            elif behind:
                yield self.branch(end + behind.end())

    def words(self, start, end):
        """Names in a range that say something: no builtins, no keywords."""
        dull = {"true", "false", "color", "const", "var", "param", "async", "activate", "extent", "if", "else", "RAMP", "EAST",
                "WEST", "NORTH", "SOUTH", "rx", "tx", "routes", "void", "layout", "comptime", "i", "x", "y", "task", "fn"}
        return [w for w in re.findall(r"(?<![\w@])[A-Za-z_]\w*", self.code[start:end]) if w not in dull]


class Names:
    """What names of a program stand for: numbers of colours, queues and tasks, through constants and params."""

    def __init__(self, sources, script):
        self.sources = [s for s in sources if s.path.endswith(".csl")]
        self.given = dict(re.findall(r"(\w+):(\d+)", " ".join(re.findall(r"--params=?\s*(\S+)", script))))

    def numbers(self, name, depth=0):
        """All numbers that a name may stand for."""
        if name.isdigit():
            return {name}
        found = {self.given[name]} if name in self.given else set()
        if depth > 6:
            return found
        for s in self.sources:
            for m in re.finditer(rf"(?:const|param)\s+{re.escape(name)}\b[^=;]*=\s*([^;]*);|\.{re.escape(name)}\s*=\s*([^,}}]*)",
                                 s.code):
                value = (m.group(1) or m.group(2)).strip()
                for word in re.findall(r"(?<![\w.@\"])(?:\d+|[A-Za-z_]\w*)\b(?!\s*\()", value):
                    if word != name and word not in ("u16", "i16", "u32", "if", "else"):
                        found |= self.numbers(word, depth + 1)
        return found
