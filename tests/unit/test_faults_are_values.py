"""Programs decide by the kind of a fault: no module searches its text."""

import re
from pathlib import Path

import pytest

import kafkatui

SEARCHED = (
    r"""["'][A-Za-z_ ]*AUTHORIZATION[A-Za-z_ ]*["']""",
    r"""["'][A-Z]+(_[A-Z]+)+["'] (not )?in .*(fault|error|why)""",
    r"""(fault|error|why)(\.text)? (==|!=) f?["']""",
    r"""(fault|error|why)(\.text)?\.(startswith|endswith|find|count)\(""",
)
"""What a module writes that goes by the words of a fault."""
(FOLDER,) = kafkatui.__path__
MODULES = sorted(Path(FOLDER).rglob("*.py"))


@pytest.mark.parametrize("pattern", SEARCHED)
def test_no_module_searches_the_text_of_a_fault(pattern: str) -> None:
    searched = re.compile(pattern)
    found = [
        f"{path.relative_to(FOLDER)}:{number}: {line.strip()}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if searched.search(line)
    ]
    assert found == []


def test_the_patterns_find_what_is_searched_for() -> None:
    wrong = (
        'if "AUTHORIZATION" in fault:',
        'if "NON_EMPTY_GROUP" in str(error):',
        'if topic.error == "TOPIC_AUTHORIZATION_FAILED":',
        'if fault.text.startswith("broker"):',
    )
    assert all(any(re.search(pattern, line) for pattern in SEARCHED) for line in wrong)
