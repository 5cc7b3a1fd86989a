"""What the user is told about a mistake, judged: does the message lead to the place, the colour or the task of it?"""
import functools
import os
import re

NAMED, CAUSED, ELSEWHERE, SILENT, HARMLESS, BROKEN = "named", "caused", "elsewhere", "silent", "harmless", "broken"
CLASSES = [NAMED, CAUSED, ELSEWHERE, SILENT, HARMLESS, BROKEN]


class Mistake:
    """An Edit in a file of a program, and by what a message about it is recognised."""

    def __init__(self, program, source, edit, names):
        self.program, self.source, self.path, self.edit, self.names = program, source, source.path, edit, names
        self.words = sorted({w for w in edit.about if w})

    def text(self):
        """The file with the mistake."""
        return self.source.text[:self.edit.start] + self.edit.new + self.source.text[self.edit.end:]

    @functools.cached_property
    def numbers(self):
        """Numbers of colours, queues and tasks that its names stand for."""
        if not self.path.endswith(".csl"):
            return []
        return sorted({n for w in self.words for n in self.names.numbers(w)})

    def label(self):
        """One line that says what was done."""
        was, now = (" ".join(t.split()) for t in (self.source.text[self.edit.start:self.edit.end], self.edit.new))
        return f"{self.program.name} {self.path}:{self.source.line(self.edit.start)}: {was!r} -> {now!r}"

    def at_place(self, text):
        """Is there a place of a message on the lines of the mistake, or beside them?"""
        name = re.escape(os.path.basename(self.path))
        found = [int(m.group(1) or m.group(2)) for m in re.finditer(rf"{name}(?:\", line (\d+)|:(\d+))", text)]
        first = self.source.line(self.edit.start)
        return any(first - 1 <= n <= first + self.edit.new.count("\n") + 1 for n in found)

    def by_name(self, text):
        """Does a message say a name or number of it?"""
        if any(re.search(rf"(?<![\w/]){re.escape(w)}(?!\w)", text) for w in self.words):
            return True
        return any(re.search(rf"(?:colou?r|queue|id|task|teardown_id)s? \(?(?:id )?{n}\b", text) for n in self.numbers)

    def fits(self, text):
        """Does the text lead to the mistake?"""
        return self.at_place(text) or self.by_name(text)


def messages(text, usual=()):
    """The compiler messages, each with the source line that it shows, that the correct program does not get."""
    kept, fresh = [], False
    for line in text.split("WEFT-RUNS")[0].splitlines():
        if re.search(r"(?:error|warning|note|deprecat\w+): ", line):
            fresh = line not in usual
        elif not line.startswith("  "):
            fresh = False
        if fresh:
            kept.append(line)
    return "\n".join(kept)


def judge_compile(mistake, done, usual):
    """A class, or None if the program compiled without a word."""
    new = messages(done.text, usual)
    if done.signal or "internal error" in done.text or "Sanitizer" in done.text:
        return BROKEN
    if not new:
        return None if done.status == 0 else ELSEWHERE
    return NAMED if mistake.fits(new) else ELSEWHERE


def cause_of(text):
    """What a report of a hang gives as the cause, with its advice; the last exception of another end."""
    cause = re.search(r"most likely cause:.*(?:\nnote:.*)?", text)
    if cause:
        return cause.group(0)
    end = text.rfind("Traceback (most recent call last)")
    return text[end:] if end >= 0 else text


def is_ours(text):
    """Does the script end with an error of the toolchain, not of itself?"""
    frames = re.findall(r'File "([^"]+)", line', text)
    return bool(frames) and "cerebras" in frames[-1]


def judge_run(mistake, done):
    """The class of a run, without what the compiler said before."""
    if done.signal or "internal error" in done.text or "Sanitizer" in done.text:
        return BROKEN
    if done.status == 0:
        return HARMLESS
    if done.late:
        return SILENT
    text = cause_of(done.text)
    if mistake.fits(text):
        return SILENT if re.search(r"^AssertionError", text, re.MULTILINE) and not is_ours(text) else CAUSED
    return ELSEWHERE if is_ours(text) or "most likely cause" in text or "weft" in text else SILENT


def judge(mistake, done, usual):
    """The class of a mistake by everything that was printed."""
    compiled = judge_compile(mistake, done, usual)
    if done.ran:
        ran = judge_run(mistake, done)
        if ran in (BROKEN, HARMLESS, CAUSED):
            return NAMED if compiled == NAMED and ran != BROKEN else ran
        return compiled if compiled in (NAMED, BROKEN) else ran
    return compiled or SILENT
