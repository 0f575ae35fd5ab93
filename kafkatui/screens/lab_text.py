"""The lines of a lesson: what it says, asks and compares, for a width in cells."""

from collections.abc import Mapping
from textwrap import wrap
from time import monotonic
from typing import Any

from textual.content import Content

from kafkatui.labs.lesson import Answer, Question, Waiting
from kafkatui.labs.run import Phase, Predicted, Run
from kafkatui.labs.terms import places
from kafkatui.labs.texts import LessonTexts
from kafkatui.widgets import signs

DONE, HERE, TO_DO = signs.Sign("●", "#"), signs.Sign("◐", "*"), signs.Sign("○", ".")
NOT_SO = signs.Sign("≠", "N", signs.WARNING)


class LessonText:
    """Writes the lines of a lesson from the run and the texts."""

    def __init__(self, run: Run, texts: LessonTexts, frame: Mapping[str, Any], language: str) -> None:
        self.run = run
        self.language = language
        self.texts = texts
        self.frame = frame
        self.hinted = False
        """Whether the hint of the step is shown."""

    def title(self) -> str:
        """Number, title and step."""
        run, number = self.run, self.run.lesson.number
        where = (
            self.frame["free"]
            if run.phase is Phase.FREE
            else self.frame["step"].format(now=run.place + 1, all=len(run.lesson.steps))
        )
        named = self.frame["lab"].format(number=number, title=self.texts.title)
        return f"{named} {signs.SEPARATOR} {where}"

    def progress(self) -> str:
        """One sign a step: done, this one, still to do."""
        run = self.run
        return "".join(
            str(DONE if run.passed[place] else HERE if place == run.place else TO_DO)
            for place in range(len(run.lesson.steps))
        )

    def lines(self, width: int) -> list[Content]:
        """Everything that can be scrolled."""
        if self.run.phase is Phase.FREE:
            return self._ending(width)
        step = self.texts.steps[self.run.place]
        lines = [] if self.run.phase is Phase.COMPARE else self._marked(plain(step.say, width))
        if self.run.phase in {Phase.PREDICT, Phase.ACT, Phase.OBSERVE}:
            for place, one in enumerate(self.run.predicted):
                lines += self._given(place, one, width)
        if self.run.phase is Phase.COMPARE:
            lines += self._compared(width)
            lines += self._marked(headed(self.frame["why"], step.why, width))
        elif self.hinted:
            lines += self._marked(headed(self.frame["hint"], step.hint, width))
        return lines

    def _marked(self, lines: list[Content]) -> list[Content]:
        """Lines of one text, with the words underlined that the glossary explains."""
        text = "\n".join(line.plain for line in lines)
        found, begin, marked = places(text, self.language), 0, []
        for line in lines:
            end = begin + len(line.plain)
            for first, last in found:
                if first < end and last > begin:
                    line = line.stylize("underline", max(first, begin) - begin, min(last, end) - begin)
            marked.append(line)
            begin = end + 1
        return marked

    def prompt(self, cursor: int, typed: str, width: int) -> list[Content]:
        """What to do now: the question, the key, what is waited for; before it, which broker has died. It
        never scrolls away.
        """
        if died := self.run.now.died:
            nodes = ", ".join(map(str, died))
            return plain(self.frame["died"].format(nodes=nodes), width, signs.WARNING)
        run, step = self.run, self.texts.steps[self.run.place]
        if run.acting:
            return [Content.styled(self.frame["working"], signs.MOVING)]
        match run.phase:
            case Phase.PREDICT:
                return self._asked(cursor, typed, width)
            case Phase.ACT:
                return headed(self.frame["do"], step.press, width, "bold")
            case Phase.OBSERVE:
                return plain(self._waits(), width, signs.WARNING if run.late else signs.MOVING)
            case Phase.COMPARE:
                return [Content.styled(self.frame["next"], "bold")]
        return [Content.styled(f"{self.frame['reset']} {signs.SEPARATOR} {self.frame['leave']}", signs.MUTED)]

    def _asked(self, cursor: int, typed: str, width: int) -> list[Content]:
        question = self.run.question
        assert question is not None
        texts = self.texts.steps[self.run.place].questions[len(self.run.predicted)]
        lines = headed(self.frame["predict"], texts.ask, width, "bold")
        if question.options:
            shown = [
                Content.assemble(
                    signs.CURSOR.content if place == cursor else " ",
                    " ",
                    (texts.options[option], "bold reverse" if place == cursor else ""),
                )
                for place, option in enumerate(question.options)
            ]
            lines += flowing(shown, width)
            how = "how_choice"
        else:
            how = "how_partitions" if question.partitions else "how_number"
            lines.append(Content.assemble(signs.CURSOR.content, " ", (typed or " ", "bold reverse")))
        return lines + plain(self.frame[how], width, signs.MUTED)

    def _waits(self) -> str:
        run = self.run
        what = self.waiting(run.waiting)
        if run.late:
            return str(self.frame["late"].format(what=what))
        if run.acted_at is None:
            return str(self.frame["waits_first"].format(what=what))
        seconds = f"{max(0.0, monotonic() - run.acted_at):.0f}"
        return str(self.frame["waits"].format(what=what, seconds=seconds, most=f"{run.step.within:.0f}"))

    def waiting(self, waiting: Waiting | None) -> str:
        """Why a step has not passed, as a part of a sentence."""
        if waiting is None:
            return str(signs.ELLIPSIS)
        named: str = self.frame["waiting"][waiting.name]
        return named.format(now=waiting.now, wanted=waiting.wanted, of=waiting.of)

    def _given(self, place: int, one: Predicted, width: int) -> list[Content]:
        said = self.answer(place, one.question, one.answer)
        return headed(self.frame["said"], said, width, signs.MUTED)

    def _compared(self, width: int) -> list[Content]:
        lines: list[Content] = []
        if self.run.step.keys:
            lines += headed(self.frame["did"], "  ".join(self.run.step.keys), width)
        for place, one in enumerate(self.run.predicted):
            ask = self.texts.steps[self.run.place].questions[place].ask
            lines += plain(ask, width, signs.MUTED)
            said = self.answer(place, one.question, one.answer)
            came = self.frame["not_shown"]
            if one.outcome is not None:
                came = self.answer(place, one.question, one.outcome)
            mark = Content("")
            if one.right is not None:
                sign = signs.WELL if one.right else NOT_SO
                word = self.frame["right"] if one.right else self.frame["not_so"]
                mark = Content.assemble("  ", sign.content, " ", word)
            told = headed(self.frame["said"], said, width)
            *head, last = headed(self.frame["cluster"], came, width, "bold")
            outcome = [*head, last + mark]
            if len(told) == len(outcome) == 1 and told[0].cell_length + outcome[0].cell_length + 3 <= width:
                lines.append(Content.assemble(told[0], "   ", outcome[0]))
            else:
                lines += [*told, *outcome]
        return lines

    def answer(self, place: int, question: Question, answer: Answer | None) -> str:
        """An answer in words."""
        if answer is None:
            return str(self.frame["skipped"])
        if isinstance(answer, frozenset):
            return " ".join(map(str, sorted(answer))) or str(self.frame["skipped"])
        if isinstance(answer, str):
            texts = self.texts.steps[self.run.place].questions[place]
            return texts.options.get(answer, answer)
        return f"{answer:g}" if question.tolerance == 0 else f"{answer:.1f}"

    def _ending(self, width: int) -> list[Content]:
        texts, frame = self.texts, self.frame
        lines = plain(frame["ended"], width) + headed(frame["can"], texts.can, width)
        for said, right in texts.wrong:
            lines += headed(frame["wrong"], f"“{said}” {right}", width)
        return lines + headed(frame["try_next"], texts.try_next, width)


def plain(text: str, width: int, style: str = "") -> list[Content]:
    """A text, wrapped."""
    return [Content.styled(line, style) for line in wrap(text, max(20, width), break_on_hyphens=False)]


def headed(head: str, text: str, width: int, style: str = "") -> list[Content]:
    """A word and a text after it, wrapped."""
    lines = wrap(f"{head}  {text}", max(20, width), break_on_hyphens=False, drop_whitespace=True)
    made = [Content.styled(line, style) for line in lines]
    if made and made[0].plain.startswith(head):
        made[0] = made[0].stylize("$primary bold", 0, len(head))
    return made


def flowing(parts: list[Content], width: int) -> list[Content]:
    """Parts side by side, in as many lines as they need."""
    lines: list[Content] = []
    for part in parts:
        if lines and lines[-1].cell_length + 3 + part.cell_length <= width:
            lines[-1] = Content.assemble(lines[-1], "   ", part)
        else:
            lines.append(part)
    return lines
