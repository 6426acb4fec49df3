"""Lines that mail programs, virus scanners and lists add below what somebody wrote; nobody's words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from odziv.cases.mails.question import without_addresses

SENT_BY = (
    r"(?:sent|posl[aá]no|послато|wysłan[oea]|inviat[oa]|gesendet|odesláno|odoslané|envoyé|enviado)"
    r" (?:from|with|via|using|by|z|ze|s|sa|iz|preko|prek|putem|pomoću|s pomočjo|za pomocą|przez|da|dal|von|mit|vom"
    r"|са|с|depuis|desde)"
)
# What may stand between that and the name of a device or program.
BETWEEN = (
    r"my|the|all|new|free|an?|moj[a-ząę]*|mog|meine[mrn]|der|dem|naprav\w*|uređaj\w*|urządze\w*|telefon\w*|aplikacij?\w*"
    r"|aplikacji|app|mobiln\w*|pametn\w*|smartfon\w*|komórk\w*|komputer\w*|varn\w*|sigurn\w*|bezpieczn\w*|secure|e-?mail"
    r"|e-?pošt\w*|pošt\w*|poczt\w*|email|mail|for|za|dla|systemu|w|v|u"
)
NAMES = (
    r"iphon\w*|ipad\w*|android\w*|samsung\w*|galaxy\w*|huawei\w*|xiaomi\w*|redmi\w*|oppo\w*|nokia\w*|oneplus|pixel\w*"
    r"|honor|realme\w*|motorol\w*|sony|blackberry|windows\w*|mac\w*|outlook\w*|yahoo\w*|gmail\w*|aol|proton\w*|tuta\w*|"
    r"spark|k-?9\w*|thunderbird\w*|bluemail|aqua mail|mymail|mail\.ru|mail\.com|gmx|web\.de|onet\w*|wp|o2|interi\w*|t-2"
    r"|siol\w*|nine|newton|boxer|workspace one|phone|telefon\w*|smartphone\w*|smartfon\w*|tablet\w*|mobi(?:le|tel\w*)"
    r"|mobiln\w* (?:telefon\w*|naprav\w*|aplikacij\w*|uređaj\w*)|komórk\w*|handy|naprav\w*|uređaj\w*|urządze\w*"
)
SYSTEMS = r"ios|iphone|ipad|android\w*|windows\w*|mac\w*|systemu \w+"
FETCH = r"get|download|pobierz|uzyskaj|prenesite|pridobite|preuzmite|nabavite|dobijte|holen sie sich"
DEVICE = re.compile(
    rf"(?:{SENT_BY} (?:(?:{BETWEEN}) ){{0,5}}(?:{NAMES})(?![\w@-])[^,\n?!]{{0,50}}"
    rf"|von meine[mr] (?:{NAMES}) gesendet"
    rf"|(?:{FETCH}) (?:\w+ )?(?:outlook|bluemail|spark|edison mail|yahoo mail|aplikację outlook)"
    rf" (?:for|za|dla|für) (?:{SYSTEMS}).{{0,60}}"
    rf"|outlook für (?:{SYSTEMS}) (?:beziehen|herunterladen).{{0,60}}"
    r"|yahoo mail: .{3,40}"
    r"|(?:virus-free|virenfrei|wolne? od wirusów|nie zawiera wirusów|bez virusa|brez virusov)"
    r"[. ]{0,2}(?:www\.)?\w+\.com)"
    r"(?:[.,;!] ?[^\n?]{0,90})?:?",
    re.IGNORECASE,
)
LINK_ALONE = re.compile(r"<?(?:https?://|www\.)\S+", re.IGNORECASE)
LIST_FOOTER = re.compile(r"mailing list|unsubscribe|listinfo|odjav[ia]|wypisać|dopisn\w+ list", re.IGNORECASE)
LONGEST_FOOTER, SHORTEST_RULE = 5, 30  # lines; underscores


def strip_added(lines: Sequence[str]) -> list[str]:
    """The lines without the last ones that a telephone or program adds, such as "Sent from my iPhone"."""
    rest = list(lines)
    while rest and (count := _count_added(rest)):
        del rest[-count:]
    return rest


def _count_added(lines: Sequence[str]) -> int:
    """How many of the last lines say nothing of the writer's; a link only below the name of what it leads to."""
    last = without_addresses(lines[-1]).strip()
    if not last or set(last) <= {"_"} or DEVICE.fullmatch(last):
        return 1
    is_below = len(lines) > 1 and LINK_ALONE.fullmatch(last) and DEVICE.fullmatch(without_addresses(lines[-2]).strip())
    return 2 if is_below else 0


def begins_list_footer(lines: Sequence[str | None], place: int) -> bool:
    """Whether a mailing list says from this line on how to leave it."""
    line = (lines[place] or "").strip()
    if set(line) != {"_"} or len(line) < SHORTEST_RULE:
        return False
    below = [each for each in lines[place + 1 : place + 1 + LONGEST_FOOTER] if each]
    return any(LIST_FOOTER.search(each) for each in below)
