"""What the desk says of an untidy list before it is applied, and what somebody may leave out of it (rule 26)."""

from typing import Any

from tests.admin.pages.test_students import HEADER, about_of, cast, checked, marijke, seen, sent
from tests.storage.importing.lists import REGENBOOG
from tests.support.browser import unchanged
from tests.support.cast import Cast
from tests.support.clerk import Clerk, said

__all__ = ["cast", "marijke"]  # fixtures


def applied(clerk: Clerk, path: str, **fields: Any) -> str:
    page = clerk.get(f"{path}/check").text
    return " ".join(said(clerk.post(f"{path}/apply", seen=seen(page), **fields)))


def test_what_could_not_be_read_is_named_and_the_child_comes_in(marijke: Clerk) -> None:
    path = sent(marijke, "Voornaam;Achternaam;Groep;Telefoon\nBo;Bos;groep 4;bel maar\nTotaal 1;;;\n")
    page = checked(marijke, path)
    assert "“bel maar” is not one phone number." in page
    assert "Passed over, for it is no student: “Totaal 1”." in page
    assert "1 new" in applied(marijke, path)


def test_the_others_come_in_without_a_wrong_row(cast: Cast, marijke: Clerk) -> None:
    path = sent(marijke, "Voornaam;Achternaam;Groep\nBo;Bos;2-jan\nJo;Bos;groep 4\n")
    page = checked(marijke, path)
    assert "“2-jan” is a date, not a group. Did a spreadsheet make it of 1-2?" in page
    assert "Import without the wrong row" in page
    with unchanged(cast.database):
        assert "Nothing has been changed: some rows are wrong." in applied(marijke, path)
    told = applied(marijke, path, without="wrong")
    assert "1 new" in told
    assert "1 wrong row was left out." in told


def test_who_is_ticked_stays_as_it_is(cast: Cast, marijke: Clerk) -> None:
    path = sent(marijke, REGENBOOG.replace("3511AB;12", "3599ZZ;14"))
    assert "Tick who must stay as they are here." in checked(marijke, path)
    applied(marijke, path, kept=cast.sanne)
    assert (about_of(cast, cast.sanne).postcode, about_of(cast, cast.daan).postcode) == ("3511AB", "3599ZZ")


def test_a_group_that_is_renamed_by_the_list_is_asked_about(marijke: Clerk) -> None:
    page = checked(marijke, sent(marijke, REGENBOOG.replace("groep 4", "de kevers")))
    assert "no child is left in the groups of these published plannings: Groep 4." in page


def test_a_list_without_a_header_loses_no_child(marijke: Clerk) -> None:
    path = sent(marijke, "Bo\tBos\t4\nJo\tVos\t4\n", "plak.txt")
    page = marijke.get(path).text
    assert '<option value="student" selected>' in page
    assert "2 rows" in page
    as_header = marijke.post(path, first_row="header", step="again")
    assert "1 row" in as_header.text
    assert '<th scope="col">Bo</th>' in as_header.text


def test_a_header_that_we_know_is_not_asked_about(marijke: Clerk) -> None:
    assert "first_row" not in marijke.get(sent(marijke, f"{HEADER}\nBo;;Bos;;;;;groep 4;\n")).text
