"""The tax rules GoodPlay begins with.

Italy: art. 83 D.Lgs. 117/2017 (from 2018), and art. 15 c. 1.1 TUIR before it. The other jurisdictions are estimates for
people who file elsewhere; their figures are the product's own.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

ITALIAN_EN = {
    "receipt_requirements": [
        "The receipt names donor and organisation with their codice fiscale, the amount, the day and the means of payment.",
        "Keep the proof of the payment with it: statement of the card or of the account.",
    ],
    "filing_requirements": [
        "Declare the gift in the yearly return (modello 730 or Redditi PF), in the section of expenses.",
        "Choose one way for each gift: the deduction from tax, or the deduction from income.",
    ],
    "special_rules": [
        "Only money of your own, paid by bank, post, card or another traceable means, counts (art. 23 D.Lgs. 241/1997).",
        "Credits earned by playing are paid by sponsors and give you no right to a deduction.",
        "Deduction from income instead: up to 10 % of the declared income; the excess can be used in the four years that follow.",
        "The organisation must be in the RUNTS on the day of the gift.",
        "Keep the papers until 31 December of the fifth year after the return.",
    ],
    "notes": "Deduction from the tax you owe. Informative: ask your adviser.",
}
ITALIAN_IT = {
    "receipt_requirements": [
        "La ricevuta indica donatore ed ente con il codice fiscale, l'importo, la data e il mezzo di pagamento.",
        "Conserva insieme la prova del pagamento: estratto conto della carta o del conto.",
    ],
    "filing_requirements": [
        "Indica l'erogazione nella dichiarazione annuale (modello 730 o Redditi PF), nel quadro degli oneri.",
        "Per ogni erogazione scegli una sola via: la detrazione dall'imposta o la deduzione dal reddito.",
    ],
    "special_rules": [
        "Conta solo il denaro tuo, versato tramite banca, posta, carta o altro mezzo tracciabile (art. 23 D.Lgs. 241/1997).",
        "I crediti guadagnati giocando sono pagati dagli sponsor e non danno diritto ad alcuna detrazione.",
        "In alternativa, deduzione dal reddito: fino al 10 % del reddito dichiarato; l'eccedenza vale per i quattro anni successivi.",
        "L'ente deve essere iscritto al RUNTS nel giorno dell'erogazione.",
        "Conserva i documenti fino al 31 dicembre del quinto anno dopo la dichiarazione.",
    ],
    "notes": "Detrazione dall'imposta dovuta. A titolo informativo: chiedi al tuo consulente.",
}
SOCIAL_ENTERPRISE = {
    "en": {
        **ITALIAN_EN,
        "notes": "For social enterprises only under conditions GoodPlay cannot check: ask your adviser.",
    },
    "it": {
        **ITALIAN_IT,
        "notes": "Per le imprese sociali solo a condizioni che GoodPlay non può verificare: chiedi al tuo consulente.",
    },
}
ITALY = {
    "jurisdiction": "IT",
    "annual_cap": Decimal("30000.00"),
    "income_share": Decimal("0.10"),
    "income_share_instead": True,
    "traceable_only": True,
    "retention_years": 6,  # counted from the year of the gift
    "organisation_types": ["ETS"],
    "documentation": ["RECEIPT", "PROOF_OF_TRACEABLE_PAYMENT"],
    "rate_key": "tax_deduction_rate",
    "texts": {"en": ITALIAN_EN, "it": ITALIAN_IT},
}
CODE = "art. 83 D.Lgs. 117/2017"
ELSEWHERE_EN = {
    "receipt_requirements": ["A written acknowledgement of the gift with its amount and day."],
    "filing_requirements": ["Declare the gift in your yearly return."],
    "special_rules": ["Whether a gift to an Italian organisation counts depends on the law of your country."],
    "notes": "An estimate with an average rate. Informative: ask your adviser.",
}
ELSEWHERE_IT = {
    "receipt_requirements": ["Una conferma scritta dell'erogazione con importo e data."],
    "filing_requirements": ["Indica l'erogazione nella dichiarazione annuale."],
    "special_rules": ["Se un'erogazione a un ente italiano conti dipende dalla legge del tuo Paese."],
    "notes": "Stima con un'aliquota media. A titolo informativo: chiedi al tuo consulente.",
}
ELSEWHERE = {
    "valid_from": date(2020, 1, 1),
    "traceable_only": True,
    "minimum_amount": Decimal("1.00"),
    "texts": {"en": ELSEWHERE_EN, "it": ELSEWHERE_IT},
}
RULES = [
    {
        **ITALY,
        "valid_from": date(2015, 1, 1),
        "valid_until": date(2018, 1, 1),
        "deduction_rate": Decimal("0.26"),
        "organisation_types": ["ONLUS", "ONG", "NPO", "RELIGIOUS"],
        "method": "italy_deduction_26_percent",
        "law": "art. 15 c. 1.1 TUIR",
    },
    {
        **ITALY,
        "valid_from": date(2018, 1, 1),
        "deduction_rate": Decimal("0.30"),
        "method": "italy_deduction_30_percent",
        "law": CODE,
    },
    {
        **ITALY,
        "runts_section": "odv",
        "valid_from": date(2018, 1, 1),
        "deduction_rate": Decimal("0.35"),
        "method": "italy_deduction_35_percent_odv",
        "law": CODE,
    },
    {
        **ITALY,
        "runts_section": "impresa_sociale",
        "valid_from": date(2018, 1, 1),
        "deduction_rate": Decimal("0"),
        "method": "italy_none_social_enterprise",
        "law": f"{CODE} c. 6, art. 82 c. 1",
        "texts": SOCIAL_ENTERPRISE,
    },
    {
        **ELSEWHERE,
        "jurisdiction": "EU",
        "deduction_rate": Decimal("0.20"),
        "annual_cap": Decimal("20000.00"),
        "income_share": Decimal("0.08"),
        "retention_years": 5,
        "organisation_types": ["EU_QUALIFIED", "CHARITY", "NPO"],
        "documentation": ["RECEIPT", "PROOF_OF_TRACEABLE_PAYMENT"],
        "method": "eu_relief_20_percent",
        "rate_key": "tax_relief_rate",
    },
    {
        **ELSEWHERE,
        "jurisdiction": "US",
        "deduction_rate": Decimal("0.22"),
        "income_share": Decimal("0.60"),
        "retention_years": 3,
        "organisation_types": ["501C3", "RELIGIOUS", "GOVERNMENT"],
        "documentation": ["WRITTEN_ACKNOWLEDGEMENT", "BANK_RECORD"],
        "special_limits": {"cash": "0.60", "property": "0.30"},
        "method": "us_marginal_22_percent",
        "rate_key": "estimated_marginal_rate",
    },
]
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)


def add_tax_rules(apps, schema_editor):
    rules = apps.get_model("donations", "TaxRule").objects
    for rule in RULES:
        scope = {name: rule.get(name, "") for name in ("jurisdiction", "runts_section")}
        if not rules.filter(**scope, valid_from=rule["valid_from"]).exists():
            rules.create(**{**scope, **rule, "created_at": WRITTEN})
