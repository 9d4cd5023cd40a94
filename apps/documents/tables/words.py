"""Words by which tables say what a row or a column is, in the languages that documents are mostly in."""

import re

_TOTAL = (
    r"(?:sub|grand[ -]?)?-?totals?|sum|altogether|in all"
    r"|(?:zwischen|gesamt)?summen?|gesamt(?!heit)\w{0,16}|insgesamt|gesamtbetrag"
    r"|totaux|sous-total|ensemble|totales?|totale|totali|subtotale?s?|suma|totais|totaal|subtotaal"
    r"|razem|ogółem|suma|celkem|součet|spolu|összesen|mindösszesen|total[ăa]|ukupno|skupaj|yhteensä|summa|totalt|i alt|sammanlagt"
    r"|toplam|итого|всего|усього|разом|общо|σύνολο|jumlah|tổng|tổng cộng"
)
_TOTAL_SIGNS = '合計|小計|総計|總計|总计|合计|小计|总额|總額|総額|합계|소계|총계|المجموع|الإجمالي|סה״כ|סה"כ|รวม|कुल|योग'
TOTAL = re.compile(rf"(?<![^\W\d_])(?:{_TOTAL})(?![^\W\d_])|(?:{_TOTAL_SIGNS})|計$", re.IGNORECASE)
"""Found in the label of a row or column that adds up others."""

RESULT = re.compile(
    r"\b(?:net|gross|margin|profit|income|loss|earnings|balance|equity|ebitda?|result|surplus|deficit|end of|ending"
    r"|ergebnis|gewinn|verlust|überschuss|saldo|endbestand|résultat|bénéfice|marge|solde|utile|margine|resultado|beneficio|saldo)\b"
    "|利益|損失|残高|利润|余额|이익|잔액",
    re.IGNORECASE,
)
"""Found in the label of a row that is what is left of others."""

CHANGE = re.compile(
    r"(?<![^\W\d_])(?:change[sd]?|chg\.?|variance|increase|decrease|growth|inc\.?|dec\.?|yoy|y/y|var\.?|movement"
    r"|veränderung\w*|abweichung|wachstum|vorjahresvergleich|variation|évolution|écart|croissance|variación|crecimiento|variazione"
    r"|crescita|variação|verandering|zmiana|изменени\w+)(?![^\W\d_])|Δ|増減|前年比|增减|同比|变动|증감",
    re.IGNORECASE,
)
"""Found in the heading of a column that compares two others."""

CONTINUED = re.compile(
    r"\W*(?:continued|cont[’']?d\.?|cont\.|fortsetzung|forts\.|suite|continuación|continuação|segue|vervolg|续|続き)\W*$",
    re.IGNORECASE,
)
"""What is added to the title of something that began on the page before."""
