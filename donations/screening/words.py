"""Words that say little about who somebody is. Small tables of our own: what a rule finds is not in them."""


def _words(text: str) -> list[str]:
    return text.split()


PARTICLES = frozenset(
    _words(
        "al el ul ur ud an ad as ash ar at bin ben ibn bint binti abu abou umm um bu ould ag aal ala "
        "de del della delle dei degli di da do dos das du des la le les los las lo "
        "van von der den ter ten vander zu zum zur af av y e i and the of for und et"
    )
)
"""They come and go between one spelling of a name and the next."""

SERVANTS = frozenset(_words("abd abdul abdel abdal abdol abdoul abdu abdur abdus abdil abdool"))
"""`Servant of`: half a name, written a dozen ways."""

TITLES = frozenset(
    _words(
        "mr mrs ms miss dr doctor prof professor sir lord lady dame president prasident presidente general gen colonel col "
        "major maj captain capt lieutenant lt sergeant commander cmdr brigadier admiral marshal minister senator judge "
        "ing avv dott dottssa rag geom sig sigra signor signora don donna fra suor padre herr frau monsieur madame senor "
        "senora sheikh shaikh sheik shaykh cheikh mullah mulla mawlawi maulavi maulvi mawlana maulana alhaj haji hajji hadji "
        "hajj haj qari hafiz ustad ustaz imam ayatollah hojatoleslam sayyid sayyed sayed seyed seyyed "
        "prince princess king queen engineer eng jr sr esq phd"
    )
)

LEGAL_FORMS: dict[str, str] = {
    "limited": "ltd|limited|llc|limited liability company|limited liability co|private limited|pvt ltd|pte ltd|co ltd"
    "|company limited|gmbh|gesellschaft mit beschrankter haftung|srl|s r l|sarl|societa a responsabilita limitata"
    "|societatea cu raspundere limitata|societe a responsabilite limitee|sociedad de responsabilidad limitada|s de rl"
    "|s de rl de cv|sl|slu|lda|ltda|limitada|bv|b v|bvba|sp z oo|sp zoo|spolka z oo|doo|d o o|dooel|kft|ood|eood|sro"
    "|ooo|tov|too|obshchestvo s ogranichennoy otvetstvennostyu|tovarystvo z obmezhenoyu vidpovidalnistyu|sdn bhd|as oy|oy"
    "|ltd sti|sia|uab|ou",
    "stock": "ag|aktiengesellschaft|sa|s a|spa|societa per azioni|sociedad anonima|societe anonyme|sa de cv|s a de c v"
    "|sas|se|nv|n v|plc|public limited company|pjsc|ojsc|cjsc|jsc|joint stock company|open joint stock company"
    "|closed joint stock company|public joint stock company|ao|oao|zao|pao|aktsionernoe obshchestvo"
    "|otkrytoe aktsionernoe obshchestvo|publichnoe aktsionernoe obshchestvo|zakrytoe aktsionernoe obshchestvo|vat|pat|ab"
    "|a s|as|asa|oyj|a d|ad|nyrt|zrt|kk|kabushiki kaisha|tbk|pt|bhd",
    "partnership": "lp|l p|limited partnership|llp|kg|gmbh co kg|gmbh and co kg|ohg|snc|sas di|scs|sc|cv|gbr",
    "common": "ano|onlus|odv|aps|ets|ev|e v|asbl|vzw|ngo|non profit organization|nonprofit organization"
    "|avtonomnaya nekommercheskaya organizatsiya",
    "": "inc|incorporated|corp|corporation|co|company|na|fze|fzc|fzco|fz llc|est|bros|pvt|pte|cie|sti",
}
"""Kinds of companies, each with the ways to write it. What is under no name fits with every kind."""

GENERIC = frozenset(
    _words(
        "international global national general group gruppe gruppo groupe grupo holding holdings trading trade import export "
        "industry industries industrial bank banco banca bancaire banking capital finance financial fund funds investment "
        "investments insurance trust partners management services service solutions systems technology technologies "
        "engineering construction development energy oil gas petroleum shipping transport logistics aviation airlines air "
        "marine maritime commercial business enterprise enterprises foundation association organization organisation centre "
        "center institute university research production plant factory works agency office department ministry state "
        "first new united real estate property properties securities"
    )
)
"""Common in the names of companies: without them it may be the same company, with others it is not."""

SHORT_FORMS: dict[str, str] = {
    "intl": "international", "natl": "national", "org": "organization", "organisation": "organization",
    "centre": "center", "univ": "university", "dept": "department", "govt": "government", "mfg": "manufacturing",
    "tech": "technology", "mgmt": "management", "assoc": "association", "grp": "group", "st": "saint", "intern": "international",
    "engr": "engineer", "defence": "defense", "bldg": "building", "svcs": "services",
}  # fmt: skip

_ONES = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = _words("twenty thirty forty fifty sixty seventy eighty ninety")
_ORDINALS = _words("first second third fourth fifth sixth seventh eighth ninth tenth")
NUMBERS: dict[str, int] = {
    **{word: number for number, word in enumerate(_ONES)},
    **{word: number * 10 for number, word in enumerate(_TENS, 2)},
    **{word: number for number, word in enumerate(_ORDINALS, 1)},
}

ROMAN: dict[str, int] = {
    tens + ones: place * 10 + number
    for place, tens in enumerate(["", "x", "xx"])
    for number, ones in enumerate(["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"])
    if len(tens + ones) > 1
}
"""Single letters are left out: they may be initials."""

FAMILIES: dict[str, str] = {
    variant: family.split()[0]
    for family in (
        "aleksandr alexander alexandr oleksandr aliaksandr aleksander alexandre",
        "vladimir volodymyr uladzimir wladimir wolodymyr",
        "sergei sergey serhiy serhii siarhei sergej sergejs serge",
        "nikolai nikolay mykola mikalai nikolaj",
        "mikhail mykhailo mikhael mihail michail",
        "andrei andrey andriy andrii andrej",
        "dmitri dmitry dmytro dzmitry dimitri",
        "evgeny yevgeny yevhen evgeni jewgeni evgenii",
        "aleksei alexei alexey oleksiy oleksii aliaksei aleksey",
        "pavel pavlo",
        "petr pyotr petro pjotr",
        "grigori grigory hryhoriy hryhorii grigoriy",
        "gennadi gennady hennadiy hennadii gennadiy",
        "igor ihor",
        "oleg oleh",
        "konstantin kostyantyn",
        "ekaterina yekaterina kateryna katerina",
        "elena yelena olena",
        "yuri yury yuriy yurii juri iouri",
        "muhammad mohammed mohamed mohammad muhammed mehmed mehmet mohamad mukhammad magomed mohd muhamad",
        "ahmad ahmed akhmed achmed akhmad ahmet",
        "yusuf youssef yousef yusef joseph jusuf yousuf yossef",
        "husayn hussein hussain hossein hussayn houssein hosein huseyn",
        "usama osama ousama oussama",
        "ibrahim ebrahim brahim ibragim abraham",
        "uthman othman osman ousmane usman",
        "umar omar oumar omer",
        "qadhafi gaddafi kadhafi qaddafi gadhafi",
    )
    for variant in family.split()
}
"""Names of which the same person has several, by language or romanisation, further apart than the rules of spelling reach."""

NICKNAMES: dict[str, frozenset[str]] = {
    row.split()[0]: frozenset(row.split()[1:])
    for row in (
        "alex alexander alessandro alessandra alejandro aleksandr", "andy andrew andrei", "ben benjamin", "bill william",
        "billy william", "bob robert", "charlie charles", "chris christopher christian", "chuck charles", "dan daniel",
        "dave david", "dick richard", "don donald", "ed edward", "frank francis francesco", "fred frederick alfred",
        "greg gregory", "jack john", "jeff jeffrey", "jim james", "jimmy james", "joe joseph yusuf", "johnny john",
        "kate katherine catherine", "ken kenneth", "larry lawrence", "liz elizabeth", "matt matthew", "max maximilian",
        "mike michael", "nick nicholas nicolas nikolai", "pat patrick patricia", "pete peter", "rob robert",
        "ron ronald", "sam samuel", "steve stephen steven", "ted edward theodore", "tim timothy", "tom thomas tommaso",
        "tony anthony antonio", "will william", "hans johannes", "sepp josef", "uli ulrich",
        "sasha aleksandr aleksandra", "misha mikhail", "vova vladimir", "volodya vladimir", "vlad vladimir vladislav",
        "kolya nikolai", "dima dmitri", "kostya konstantin", "pasha pavel", "zhenya evgeny", "seryozha sergei",
        "katya ekaterina", "natasha natalia natalya", "lena elena", "tanya tatiana tatyana", "borya boris",
        "beppe giuseppe", "peppe giuseppe", "peppino giuseppe", "pino giuseppe", "pippo filippo", "gigi luigi",
        "nino antonino", "mimmo domenico", "enzo vincenzo lorenzo", "renzo lorenzo", "gianni giovanni", "toto salvatore",
        "sandro alessandro", "lele emanuele", "pepe jose", "paco francisco", "pancho francisco", "nacho ignacio",
        "chucho jesus", "memo guillermo", "lalo eduardo", "beto alberto roberto", "quique enrique", "lupe guadalupe",
    )
}  # fmt: skip
