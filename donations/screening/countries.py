"""Nationalities as lists write them, brought to ISO codes of two letters."""

import re

_NAMES = """
AD Andorra|AE United Arab Emirates|AF Afghanistan|AG Antigua Barbuda|AL Albania|AM Armenia|AO Angola|AR Argentina|AT Austria
AU Australia|AZ Azerbaijan|BA Bosnia Herzegovina|BA Bosnia-Herzegovina|BB Barbados|BD Bangladesh|BE Belgium|BF Burkina Faso
BG Bulgaria|BH Bahrain|BI Burundi|BJ Benin|BN Brunei|BN Brunei Darussalam|BO Bolivia|BO Bolivia Plurinational State|BR Brazil
BS Bahamas|BT Bhutan|BW Botswana|BY Belarus|BZ Belize|CA Canada|CD Congo Democratic Republic|CD DR Congo|CD Zaire
CF Central African Republic|CG Congo|CG Congo Republic|CH Switzerland|CI Cote d'Ivoire|CI Côte d'Ivoire|CI Ivory Coast|CL Chile
CM Cameroon|CN China|CN China People's Republic|CO Colombia|CR Costa Rica|CU Cuba|CV Cabo Verde|CV Cape Verde|CY Cyprus
CZ Czech Republic|CZ Czechia|DE Germany|DJ Djibouti|DK Denmark|DM Dominica|DO Dominican Republic|DZ Algeria|EC Ecuador|EE Estonia
EG Egypt|ER Eritrea|ES Spain|ET Ethiopia|FI Finland|FJ Fiji|FR France|GA Gabon|GB United Kingdom|GB Great Britain
GB United Kingdom Great Britain Northern Ireland|GD Grenada|GE Georgia|GH Ghana|GM Gambia|GN Guinea|GQ Equatorial Guinea
GR Greece|GT Guatemala|GW Guinea-Bissau|GW Guinea Bissau|GY Guyana|HK Hong Kong|HN Honduras|HR Croatia|HT Haiti|HU Hungary
ID Indonesia|IE Ireland|IL Israel|IN India|IQ Iraq|IR Iran|IR Iran Islamic Republic|IS Iceland|IT Italy|JM Jamaica|JO Jordan
JP Japan|KE Kenya|KG Kyrgyzstan|KG Kyrgyz Republic|KH Cambodia|KM Comoros|KN Saint Kitts Nevis|KP Korea North|KP North Korea
KP Korea Democratic People's Republic|KR Korea South|KR South Korea|KR Korea Republic|KW Kuwait|KZ Kazakhstan|LA Laos
LA Lao People's Democratic Republic|LB Lebanon|LC Saint Lucia|LI Liechtenstein|LK Sri Lanka|LR Liberia|LS Lesotho|LT Lithuania
LU Luxembourg|LV Latvia|LY Libya|LY Libyan Arab Jamahiriya|MA Morocco|MC Monaco|MD Moldova|MD Moldova Republic|ME Montenegro
MG Madagascar|MK North Macedonia|MK Macedonia|MK Macedonia Former Yugoslav Republic|ML Mali|MM Burma|MM Myanmar|MN Mongolia
MO Macau|MO Macao|MR Mauritania|MT Malta|MU Mauritius|MV Maldives|MW Malawi|MX Mexico|MY Malaysia|MZ Mozambique|NA Namibia|NE Niger
NG Nigeria|NI Nicaragua|NL Netherlands|NL Holland|NO Norway|NP Nepal|NZ New Zealand|OM Oman|PA Panama|PE Peru|PG Papua New Guinea
PH Philippines|PK Pakistan|PL Poland|PS Palestine|PS Palestinian|PS Palestinian State|PS Palestinian Territories|PT Portugal
PY Paraguay|QA Qatar|RO Romania|RS Serbia|RU Russia|RU Russian Federation|RW Rwanda|SA Saudi Arabia|SB Solomon Islands
SC Seychelles|SD Sudan|SE Sweden|SG Singapore|SI Slovenia|SK Slovakia|SL Sierra Leone|SM San Marino|SN Senegal|SO Somalia
SR Suriname|SS South Sudan|SV El Salvador|PS State Palestine|SY Syria|SY Syrian Arab Republic
SZ Eswatini|SZ Swaziland|TD Chad|TG Togo|TH Thailand
TJ Tajikistan|TL Timor-Leste|TL East Timor|TM Turkmenistan|TN Tunisia|TO Tonga|TR Turkey|TR Türkiye|TR Turkiye
TT Trinidad Tobago|TW Taiwan|TZ Tanzania|TZ United Republic Tanzania|UA Ukraine|UG Uganda|US United States|US United States America
UY Uruguay|UZ Uzbekistan|VA Holy See|VA Vatican|VC Saint Vincent Grenadines|VE Venezuela|VE Venezuela Bolivarian Republic
VN Vietnam|VN Viet Nam|WS Samoa|XK Kosovo|YE Yemen|ZA South Africa|ZM Zambia|ZW Zimbabwe
"""
_SILENT = {"the", "of", "and"}


def _key(text: str) -> str:
    words = re.findall(r"[^\W\d_']+", text.casefold().replace("\u2019", "").replace("'", ""))
    return " ".join(sorted(set(words) - _SILENT))


_CODES = {_key(name[3:]): name[:2] for name in re.split(r"[|\n]", _NAMES.strip())}
CODES = frozenset(_CODES.values())


def country_code(text: str) -> str:
    """Return the code of a country's name, or the text itself where it is none: `unknown`, `stateless`."""
    text = text.strip()
    if len(text) == 2 and text.isalpha():
        return text.upper()
    return _CODES.get(_key(text), text)
