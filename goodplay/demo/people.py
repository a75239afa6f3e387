"""Who appears in the demo data. All names are invented; `.example` addresses reach nobody."""

from dataclasses import dataclass

SPONSOR = "Fondazione Aurora"
MATCHING_SPONSOR = "Banca del Parco"
PASSWORD = "goodplay-demo"  # noqa: S105  (printed at start; the demo data is refused outside DEBUG)


@dataclass(frozen=True, slots=True)
class Player:
    first_name: str
    last_name: str
    display_name: str
    language: str
    weekly_sessions: int  # how keen they are
    generosity: int  # per cent of the wallet they give at a time
    is_listed: bool = True

    @property
    def email(self) -> str:
        return (
            f"{self.first_name}.{self.last_name}@giocatori.example".lower().replace(" ", "").replace("ì", "i")
        )


@dataclass(frozen=True, slots=True)
class Staff:
    email: str
    display_name: str
    role: str


@dataclass(frozen=True, slots=True)
class Organisation:
    name: str
    legal_name: str
    category: str
    city: str
    region: str
    section: str
    tax_id: str
    runts_number: str
    mission: str
    is_verified: bool = True

    @property
    def slug(self) -> str:
        return "".join(letter for letter in self.name.lower() if letter.isascii() and letter.isalpha())


PLAYERS = (
    Player("Giulia", "Ferri", "giulia_f", "it", 4, 70),
    Player("Marco", "Colombo", "Marco C.", "it", 3, 60),
    Player("Chiara", "Longo", "chiaretta", "it", 5, 80),
    Player("Luca", "Moretti", "lucamore", "it", 2, 50),
    Player("Sofia", "Gallo", "Sofia", "it", 3, 40),
    Player("Matteo", "Rizzi", "teo_r", "it", 4, 90),
    Player("Elena", "Marino", "elena.m", "it", 2, 65),
    Player("Davide", "Greco", "Dave", "en", 3, 55),
    Player("Emma", "Wright", "emma_w", "en", 2, 75),
    Player("Tommaso", "Bruno", "Tommy", "it", 1, 30),
    Player("Anna", "Conti", "annaconti", "it", 3, 85, is_listed=False),
    Player("Jonas", "Keller", "jonas", "de", 2, 60),
)

STAFF = (
    Staff("admin@goodplay.example", "Ada (administrator)", "super_admin"),
    Staff("finance@goodplay.example", "Franca (finance)", "finance"),
    Staff("finance2@goodplay.example", "Fabio (finance)", "finance"),
    Staff("moderator@goodplay.example", "Mario (moderation)", "moderator"),
)

# Not among those above: who reviews came when the first application did.
REVIEWER = Staff("compliance@goodplay.example", "Cinzia (compliance)", "compliance")

ORGANISATIONS = (
    Organisation(
        "Boschi di Domani",
        "Boschi di Domani ODV",
        "environment",
        "Trento",
        "Trentino-Alto Adige",
        "odv",
        "96012340223",
        "100231",
        "Piantiamo e curiamo boschi di specie locali dove tempeste e incendi li hanno cancellati.",
    ),
    Organisation(
        "La Mensa di Quartiere",
        "La Mensa di Quartiere APS",
        "social_services",
        "Torino",
        "Piemonte",
        "aps",
        "97745120011",
        "100498",
        "Un pasto caldo e compagnia, ogni sera, per chiunque bussi.",
    ),
    Organisation(
        "Doposcuola Aquilone",
        "Associazione Doposcuola Aquilone APS",
        "education",
        "Napoli",
        "Campania",
        "aps",
        "95180430632",
        "101077",
        "Compiti, giochi e merenda per i bambini dei Quartieri Spagnoli.",
    ),
    Organisation(
        "Rifugio Zampe Felici",
        "Rifugio Zampe Felici ODV",
        "animal_welfare",
        "Perugia",
        "Umbria",
        "odv",
        "94160720547",
        "101310",
        "Una seconda casa per cani e gatti che hanno perso la prima.",
    ),
    Organisation(
        "Mare Pulito Salento",
        "Mare Pulito Salento ODV",
        "environment",
        "Lecce",
        "Puglia",
        "odv",
        "93098760755",
        "101544",
        "Volontari che tolgono la plastica dalle coste dello Ionio e dell'Adriatico.",
    ),
    Organisation(
        "Casa dei Nonni",
        "Fondazione Casa dei Nonni ETS",
        "healthcare",
        "Bologna",
        "Emilia-Romagna",
        "filantropico",
        "91402230373",
        "101790",
        "Visite a casa e una voce amica per gli anziani che vivono soli.",
    ),
    Organisation(
        "Musica in Corsia",
        "Musica in Corsia APS",
        "arts_culture",
        "Firenze",
        "Toscana",
        "aps",
        "94270110484",
        "102005",
        "Musicisti che suonano nei reparti pediatrici degli ospedali.",
    ),
    Organisation(
        "Ponti di Pace",
        "Ponti di Pace ODV",
        "humanitarian",
        "Palermo",
        "Sicilia",
        "odv",
        "97333270825",
        "102233",
        "Primo rifugio, lezioni di italiano e aiuto legale per chi arriva dal mare.",
    ),
    Organisation(
        "Orti Condivisi Milano",
        "Orti Condivisi Milano APS",
        "community",
        "Milano",
        "Lombardia",
        "aps",
        "97861540158",
        "102460",
        "Orti che i vicini coltivano insieme su terreni abbandonati.",
    ),
    Organisation(
        "Ricerca Alba",
        "Fondazione Ricerca Alba ETS",
        "research",
        "Padova",
        "Veneto",
        "filantropico",
        "92288110281",
        "102699",
        "Borse per giovani ricercatori sulle malattie rare dei bambini.",
        is_verified=False,
    ),
)

# Accounts of the organisations, in their order. No bank has the number 09999.
IBANS = (
    "IT25H0999901600000001357911",
    "IT35P0999901600000002715822",
    "IT62D0999901600000004073733",
    "IT40D0999901600000005431644",
    "IT70Q0999901600000006789555",
    "IT68V0999901600000008147466",
    "IT71D0999901600000009505377",
    "IT41B0999901600000010863288",
    "IT39G0999901600000012221199",
    "IT37L0999901600000013579110",
)

PORTAL_MEMBER = "portale@boschidomani.example"
APPLICANT = "presidente@corodellecime.example"
LIBRARIAN = "nadia@bibliotecaviaggiante.example"

DEMO_SIGN_INS = (
    ("Back office, administrator", STAFF[0].email, PASSWORD),
    ("Back office, finance", STAFF[1].email, PASSWORD),
    ("Back office, second person", STAFF[2].email, PASSWORD),
    ("Back office, applications", REVIEWER.email, PASSWORD),
    ("Portal, Boschi di Domani", PORTAL_MEMBER, PASSWORD),
    ("Portal, who applies", APPLICANT, PASSWORD),
    ("Player (API)", PLAYERS[0].email, PASSWORD),
)
