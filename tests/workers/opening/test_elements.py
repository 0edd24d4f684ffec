"""The patterns by which parts are searched before anything parses them."""

import re

from workers.opening import actions, fields, workbooks
from workers.opening.elements import elements, one_of


def test_a_pattern_of_words_finds_these_and_no_others():
    for words in (fields.TAGS, actions.TAGS, workbooks.TAGS, ("f", "formula", "formula1", "a.b")):
        pattern = re.compile(one_of(words))

        assert all(pattern.fullmatch(word) for word in words)
        assert not any(pattern.fullmatch(word + "x") for word in words)
        assert not any(pattern.fullmatch(word[:-1]) for word in words if word[:-1] not in words)


def test_a_tag_is_found_by_its_local_name_however_it_ends():
    for tag in (b"<fill/>", b"<v:fill\n/>", b"<\xc3\xa9:fill xmlns:\xc3\xa9='u'></\xc3\xa9:fill>"):
        content = b"<a xmlns:v='u'>%b</a>" % tag

        assert len(list(elements(content, "fill"))) == 1
        assert not list(elements(content, "fil", "filler"))
