"""The first stories: one for each of the ten levels, some for the number of gifts and of organisations."""

from decimal import Decimal
from uuid import UUID

LEVELS = [
    {
        "id": "019b76da-a800-7001-8a10-4c5f0b6e1d01",
        "value": 10,
        "priority": 1,
        "category": "milestone",
        "minutes": 1,
        "tags": ["milestone", "beginning"],
        "title": "First Impact",
        "title_it": "Primo impatto",
        "preview": "Ten euros. This is the point where playing becomes giving.",
        "preview_it": "Dieci euro. È il punto in cui giocare diventa donare.",
        "content": (
            "You have given ten euros.\n\nPerhaps they came a cent at a time, a round here and a round there, while you "
            "waited for a bus. Small amounts are easy to laugh at until they are in one place. Now they are in one "
            "place, and they belong to somebody who will use them.\n\n**What happened to them.** Every gift is written "
            "into a ledger that nobody can edit: out of your wallet, into what we owe the organisation you chose. Your "
            "receipt carries the number of that entry. The next time somebody asks whether games can do any good, you "
            "have a document."
        ),
        "content_it": (
            "Hai donato dieci euro.\n\nForse sono arrivati un centesimo alla volta, una partita qui e una là, mentre "
            "aspettavi l'autobus. È facile sorridere delle piccole somme, finché non si trovano tutte nello stesso "
            "posto. Adesso ci sono, e appartengono a chi le userà.\n\n**Che cosa è successo.** Ogni donazione viene "
            "scritta in un registro che nessuno può modificare: esce dal tuo portafoglio ed entra in quanto dobbiamo "
            "all'organizzazione che hai scelto. La tua ricevuta porta il numero di quella scrittura. La prossima volta "
            "che qualcuno ti chiede se un gioco possa servire a qualcosa, avrai un documento da mostrare."
        ),
    },
    {
        "id": "019b76da-a800-7002-9b21-5d60ac7f2e02",
        "value": 25,
        "priority": 2,
        "category": "milestone",
        "minutes": 2,
        "tags": ["milestone", "figures"],
        "title": "Growing Difference",
        "title_it": "La differenza cresce",
        "preview": "Twenty-five euros, and the figures of the organisations begin to speak.",
        "preview_it": "Venticinque euro, e i numeri delle organizzazioni cominciano a parlare.",
        "content": (
            "Twenty-five euros in, it is fair to ask what they did.\n\nThe organisations you support report numbers: "
            "people reached, meals served, trees still standing. Each number says who counted it and whether our staff "
            "checked it. A number that nobody checked is marked as such, and one that is contested is marked too.\n\n"
            "**How to read them.** Beside every figure stands the amount donated since we began to count. Divide one "
            "by the other and you have a rough idea, no more. Two organisations are not comparable because their "
            "numbers are: a night in a shelter and an hour of tutoring are both one."
        ),
        "content_it": (
            "Con venticinque euro donati è giusto chiedersi che cosa abbiano fatto.\n\nLe organizzazioni che sostieni "
            "comunicano dei numeri: persone raggiunte, pasti serviti, alberi ancora in piedi. Ogni numero dice chi lo "
            "ha contato e se il nostro personale lo ha controllato. Quello che nessuno ha verificato è indicato come "
            "tale, e così quello che qualcuno contesta.\n\n**Come leggerli.** Accanto a ogni dato trovi quanto è stato "
            "donato da quando abbiamo cominciato a contare. Dividendo l'uno per l'altro ottieni un'idea, niente di "
            "più. Due organizzazioni non sono paragonabili solo perché lo sono i loro numeri: una notte in un rifugio "
            "e un'ora di doposcuola valgono entrambe uno."
        ),
    },
    {
        "id": "019b76da-a800-7003-8c32-6e71bd803f03",
        "value": 50,
        "priority": 3,
        "category": "milestone",
        "minutes": 2,
        "tags": ["milestone", "community"],
        "title": "Community Builder",
        "title_it": "Chi costruisce la comunità",
        "preview": "Fifty euros. From here on you can watch figures move, not only stand.",
        "preview_it": "Cinquanta euro. Da qui in poi i numeri non li vedi solo fermi: li vedi muoversi.",
        "content": (
            "Fifty euros alone change little. Fifty euros beside everybody else's keep a small organisation calm.\n\n"
            "Ask people who run one what they fear, and few will say a bad year. They fear the uneven year: plenty in "
            "December, nothing in August, and a rent that does not follow the season. Many small givers even out what "
            "one large giver cannot.\n\n**What you see from now on.** Trends: how a reported figure moved over the last "
            "month. A flat line is not a failure. Sometimes it is a shelter that was full all month, which is what it "
            "is for."
        ),
        "content_it": (
            "Da soli, cinquanta euro cambiano poco. Accanto a quelli di tutti gli altri, permettono a una piccola "
            "organizzazione di stare tranquilla.\n\nChiedi a chi ne dirige una di che cosa ha paura, e pochi "
            "risponderanno: di un anno brutto. Hanno paura dell'anno irregolare: tanto a dicembre, niente ad agosto, e "
            "un affitto che non segue le stagioni. Tanti piccoli donatori rendono regolare ciò che un solo grande "
            "donatore non può.\n\n**Che cosa vedi da adesso.** Gli andamenti: come un dato si è mosso nell'ultimo mese. "
            "Una linea piatta non è un fallimento. A volte è un rifugio che è stato pieno tutto il mese, ed è lì per "
            "questo."
        ),
    },
    {
        "id": "019b76da-a800-7004-9d43-7f82ce914004",
        "value": 100,
        "priority": 4,
        "category": "milestone",
        "minutes": 2,
        "tags": ["milestone", "money"],
        "title": "Changemaker",
        "title_it": "Chi cambia le cose",
        "preview": "A hundred euros, and the whole way they travelled.",
        "preview_it": "Cento euro, e tutta la strada che hanno percorso.",
        "content": (
            "Here is the way a hundred euros take, step by step.\n\n1. A sponsor pays into the reward pool. Nothing is "
            "handed out that was not paid in first.\n2. You play. The server measures the minutes and credits your "
            "wallet by a public rate.\n3. You give. The same cents leave your wallet and are owed to the organisation, "
            "in one step that either happens whole or not at all.\n4. Two people of our staff release a payment to the "
            "organisation's verified bank account.\n5. The bank confirms, and the debt is settled.\n\nEvery step is an "
            "entry, and every night a program adds all of them up again. If a single cent were missing, payments would "
            "stop until somebody found it."
        ),
        "content_it": (
            "Ecco la strada che fanno cento euro, passo dopo passo.\n\n1. Uno sponsor versa nel fondo premi. Non si "
            "distribuisce nulla che prima non sia stato versato.\n2. Tu giochi. Il server misura i minuti e accredita "
            "il tuo portafoglio secondo una tariffa pubblica.\n3. Tu doni. Gli stessi centesimi lasciano il tuo "
            "portafoglio e sono dovuti all'organizzazione, in un solo passo che avviene per intero o non avviene.\n"
            "4. Due persone del nostro personale autorizzano il pagamento sul conto verificato dell'organizzazione.\n"
            "5. La banca conferma, e il debito è saldato.\n\nOgni passo è una scrittura, e ogni notte un programma le "
            "somma tutte di nuovo. Se mancasse un solo centesimo, i pagamenti si fermerebbero finché qualcuno non lo "
            "trova."
        ),
    },
    {
        "id": "019b76da-a800-7005-8e54-8093dfa25105",
        "value": 250,
        "priority": 5,
        "category": "milestone",
        "minutes": 2,
        "tags": ["milestone", "news"],
        "title": "Impact Champion",
        "title_it": "Campione d'impatto",
        "preview": "Two hundred and fifty euros. Organisations now have something to tell you directly.",
        "preview_it": "Duecentocinquanta euro. Ora le organizzazioni hanno qualcosa da dirti direttamente.",
        "content": (
            "By now an organisation or two knows that somebody out there keeps coming back, even if it does not know "
            "your name.\n\nNews from the field is the least polished thing you will read here. It is written by people "
            "who had something else to do that day. Some of it is good; some of it says that a project was late, or "
            "cost more than planned. Please read that kind too. An organisation that only ever reports success is "
            "either very lucky or not telling you everything.\n\n**From now on** the organisations you support can "
            "reach you with news meant for their supporters."
        ),
        "content_it": (
            "A questo punto una o due organizzazioni sanno che là fuori c'è qualcuno che continua a tornare, anche se "
            "non conoscono il tuo nome.\n\nLe notizie dal campo sono la cosa meno levigata che leggerai qui. Le scrive "
            "chi quel giorno aveva altro da fare. Alcune sono belle; altre dicono che un progetto è in ritardo, o che "
            "è costato più del previsto. Leggi anche quelle. Un'organizzazione che racconta soltanto successi o è "
            "molto fortunata o non ti sta dicendo tutto.\n\n**Da adesso** le organizzazioni che sostieni possono "
            "raggiungerti con le notizie pensate per chi le aiuta."
        ),
    },
    {
        "id": "019b76da-a800-7006-9f65-91a4e0b36206",
        "value": 500,
        "priority": 6,
        "category": "milestone",
        "minutes": 2,
        "tags": ["milestone", "community"],
        "title": "Philanthropist",
        "title_it": "Filantropo",
        "preview": "Five hundred euros, and a long word for a simple thing.",
        "preview_it": "Cinquecento euro, e una parola lunga per una cosa semplice.",
        "content": (
            "The word means somebody who is fond of people. It says nothing about marble halls.\n\nFive hundred euros "
            "is an amount at which you may start to have opinions: which cause first, a little to many or much to a "
            "few, now or when it is needed most. There is no rule. Those who think about it for a living disagree "
            "loudly, and keep giving while they do.\n\n**A place among others.** On the community board your own place "
            "is shown to you. Whether others see your name stays your choice, in your privacy settings, and you can "
            "change your mind on any day."
        ),
        "content_it": (
            "La parola significa qualcuno che vuole bene alle persone. Non dice nulla di saloni di marmo.\n\n"
            "Cinquecento euro sono una somma con cui si può cominciare ad avere opinioni: quale causa per prima, poco "
            "a molti o molto a pochi, adesso o quando serve di più. Non c'è una regola. Chi ci riflette di mestiere "
            "discute a voce alta, e intanto continua a donare.\n\n**Un posto tra gli altri.** Nella classifica della "
            "comunità vedi il tuo posto. Se gli altri vedono il tuo nome lo decidi tu, nelle impostazioni della "
            "privacy, e puoi cambiare idea in qualsiasi giorno."
        ),
    },
    {
        "id": "019b76da-a800-7007-8076-a2b5f1c47307",
        "value": 1000,
        "priority": 7,
        "category": "milestone",
        "minutes": 2,
        "tags": ["milestone", "trust"],
        "title": "Major Donor",
        "title_it": "Grande donatore",
        "preview": "A thousand euros. Time to tell you how organisations get in, and how they get thrown out.",
        "preview_it": "Mille euro. È il momento di dirti come si entra, e come si esce.",
        "content": (
            "Whoever has given a thousand euros deserves to know who is let in.\n\nAn organisation applies with its "
            "statutes, its entry in the national register of the third sector, its accounts and the identity of those "
            "who sign for it. People of our staff read them; more than one of them decides. Its bank account is "
            "checked before the first cent goes there, and a new account waits before it is used: the oldest trick is "
            "a polite message that says *we have changed banks*.\n\nAnd it goes on. Papers expire, complaints arrive, "
            "figures are contested. An organisation that does not answer stops receiving until it does. What you gave "
            "before stays owed to it, or goes back: it never goes to us."
        ),
        "content_it": (
            "Chi ha donato mille euro ha il diritto di sapere chi viene ammesso.\n\nUn'organizzazione si presenta con "
            "lo statuto, l'iscrizione al registro unico del terzo settore, i bilanci e l'identità di chi firma. Il "
            "nostro personale li legge; a decidere è più di una persona. Il conto bancario viene controllato prima "
            "che vi arrivi il primo centesimo, e un conto nuovo aspetta prima di essere usato: il trucco più vecchio "
            "è un messaggio gentile che dice *abbiamo cambiato banca*.\n\nE non finisce lì. I documenti scadono, "
            "arrivano segnalazioni, i numeri vengono contestati. Chi non risponde smette di ricevere finché non lo "
            "fa. Ciò che hai donato prima resta dovuto all'organizzazione oppure torna indietro: a noi non va mai."
        ),
    },
    {
        "id": "019b76da-a800-7008-9187-b3c602d58408",
        "value": 2500,
        "priority": 8,
        "category": "milestone",
        "minutes": 2,
        "tags": ["milestone", "community"],
        "title": "Community Leader",
        "title_it": "Guida della comunità",
        "preview": "Two thousand five hundred euros. What the whole community looks like from above.",
        "preview_it": "Duemilacinquecento euro. La comunità intera vista dall'alto.",
        "content": (
            "From this height you see the whole landscape: how much is given in a week, which causes are crowded, which "
            "are forgotten.\n\nThe forgotten ones are rarely the unimportant ones. They are those that photograph badly: "
            "prisons, old age, addiction, paperwork for people who cannot read it. Nobody is asking you to feel guilty "
            "about liking animals. But a person in your place can do something most cannot, which is to go where "
            "nobody is looking and be the first.\n\n**What opens.** A view of the community in aggregate. It shows sums "
            "and never people."
        ),
        "content_it": (
            "Da questa altezza si vede tutto il paesaggio: quanto si dona in una settimana, quali cause sono "
            "affollate, quali dimenticate.\n\nQuelle dimenticate raramente sono le meno importanti. Sono quelle che "
            "vengono male in fotografia: il carcere, la vecchiaia, le dipendenze, le pratiche di chi non sa leggerle. "
            "Nessuno ti chiede di sentirti in colpa se ami gli animali. Ma chi è al tuo posto può fare una cosa che "
            "quasi nessun altro può: andare dove non guarda nessuno, e arrivare per primo.\n\n**Che cosa si apre.** "
            "Una vista d'insieme della comunità. Mostra somme, mai persone."
        ),
    },
    {
        "id": "019b76da-a800-7009-8298-c4d713e69509",
        "value": 5000,
        "priority": 9,
        "category": "milestone",
        "minutes": 2,
        "tags": ["milestone", "figures"],
        "title": "Impact Hero",
        "title_it": "Eroe d'impatto",
        "preview": "Five thousand euros, and some doubts worth having.",
        "preview_it": "Cinquemila euro, e qualche dubbio che vale la pena avere.",
        "content": (
            "At five thousand euros somebody usually hands you a trophy. We would rather hand you some doubts.\n\nA "
            "figure that goes up every month may be measured by the person it flatters. A project that helped a hundred "
            "people may have helped ninety who would have managed. A cost per person that looks low may leave out the "
            "person who drove the van for nothing. None of this is a reason to stop. It is a reason to ask, and "
            "organisations that are good at their work like to be asked.\n\n**What opens.** Longer reports: how each "
            "figure was counted, by whom, and what changed when it was corrected."
        ),
        "content_it": (
            "A cinquemila euro di solito ti danno un trofeo. Noi preferiamo darti qualche dubbio.\n\nUn numero che "
            "sale ogni mese può essere misurato proprio da chi ne è lusingato. Un progetto che ha aiutato cento "
            "persone può averne aiutate novanta che ce l'avrebbero fatta comunque. Un costo a persona che sembra basso "
            "può dimenticare chi ha guidato il furgone gratis. Niente di tutto questo è un motivo per smettere. È un "
            "motivo per chiedere, e a chi lavora bene piace che gli si chieda.\n\n**Che cosa si apre.** Rapporti più "
            "lunghi: come è stato contato ogni dato, da chi, e che cosa è cambiato quando è stato corretto."
        ),
    },
    {
        "id": "019b76da-a800-700a-93a9-d5e824f7a60a",
        "value": 10000,
        "priority": 10,
        "category": "milestone",
        "minutes": 2,
        "tags": ["milestone", "thanks"],
        "title": "Transformation Leader",
        "title_it": "Chi guida la trasformazione",
        "preview": "Ten thousand euros. There is no eleventh level, and here is why.",
        "preview_it": "Diecimila euro. Non c'è un undicesimo livello, ed ecco perché.",
        "content": (
            "This is the last level, on purpose.\n\nA ladder that never ends turns giving into a score, and a score is "
            "the one thing it should not be. You have come to the end of what we can reward. Whatever you give from "
            "here on, you give because you want to, which is how the very first euro was given too.\n\nEverything there "
            "is to see is open to you now. If you would like to do one more thing, do not give more: bring somebody. "
            "Ten thousand euros by one person is remarkable. A cent from ten thousand evenings, by a thousand people, "
            "does not depend on anybody.\n\nThank you."
        ),
        "content_it": (
            "Questo è l'ultimo livello, ed è voluto.\n\nUna scala che non finisce trasforma il dono in un punteggio, "
            "ed è l'unica cosa che non dovrebbe essere. Sei alla fine di ciò che possiamo premiare. Quello che donerai "
            "da qui in avanti lo donerai perché lo vuoi, ed è così che è stato donato anche il primo euro.\n\nTutto ciò "
            "che c'è da vedere ora ti è aperto. Se vuoi fare ancora una cosa, non donare di più: porta qualcuno. "
            "Diecimila euro di una persona sola sono notevoli. Un centesimo da diecimila serate, di mille persone, non "
            "dipende da nessuno.\n\nGrazie."
        ),
    },
]

GIFTS = [
    {
        "id": "019b76da-a800-700b-84ba-e6f93508b70b",
        "value": 1,
        "priority": 3,
        "category": "beginning",
        "minutes": 1,
        "tags": ["beginning", "thanks"],
        "title": "The first gift",
        "title_it": "Il primo dono",
        "preview": "Whatever the amount: the first one is the one that counts.",
        "preview_it": "Qualunque sia la somma: è il primo quello che conta.",
        "content": (
            "You have just given for the first time.\n\nIt may have been a few cents. That is not a polite way of saying "
            "it was little; the amount truly is not the point. Somebody who has given once knows where the button is, "
            "knows that a receipt comes, knows that nothing bad happens. Most people never get that far.\n\n**What to do "
            "now:** look at your timeline. Your gift is there with its date, its organisation and its number. Whatever "
            "comes of it will be added underneath."
        ),
        "content_it": (
            "Hai appena donato per la prima volta.\n\nForse erano pochi centesimi. Non è un modo gentile per dire che "
            "era poco: davvero la somma non è il punto. Chi ha donato una volta sa dov'è il pulsante, sa che arriva "
            "una ricevuta, sa che non succede nulla di male. La maggior parte delle persone non arriva fin qui.\n\n"
            "**E adesso?** Guarda la tua cronologia. Il tuo dono è lì, con la data, l'organizzazione e il numero. "
            "Quello che ne nascerà si aggiungerà sotto."
        ),
    },
    {
        "id": "019b76da-a800-700c-95cb-f70a4619c80c",
        "value": 5,
        "priority": 3,
        "category": "beginning",
        "minutes": 1,
        "tags": ["habit"],
        "title": "Five times",
        "title_it": "Cinque volte",
        "preview": "Once is an experiment. Five times is a habit.",
        "preview_it": "Una volta è una prova. Cinque sono un'abitudine.",
        "content": (
            "Five gifts. Somewhere between the second and the fifth you stopped trying it out.\n\nHabits are underrated. "
            "An organisation can plan with a habit: it can promise the tutor that there will be a next term. It cannot "
            "promise anything with a burst of generosity, however large.\n\nIf you like, let the wallet do it for you: "
            "in its settings you choose above which amount a share is given by itself, and to whom. You can switch it "
            "off whenever you want."
        ),
        "content_it": (
            "Cinque doni. Da qualche parte fra il secondo e il quinto hai smesso di provare.\n\nLe abitudini sono "
            "sottovalutate. Con un'abitudine un'organizzazione può fare programmi: può promettere a chi insegna che "
            "ci sarà un altro trimestre. Con uno slancio di generosità, per quanto grande, non può promettere nulla."
            "\n\nSe vuoi, lascia fare al portafoglio: nelle impostazioni scegli oltre quale somma una parte viene "
            "donata da sola, e a chi. Puoi spegnerlo quando vuoi."
        ),
    },
    {
        "id": "019b76da-a800-700d-86dc-081b572ad90d",
        "value": 10,
        "priority": 4,
        "category": "community",
        "minutes": 2,
        "tags": ["habit", "receipts"],
        "title": "Ten receipts",
        "title_it": "Dieci ricevute",
        "preview": "You have ten of them. Here is what they say, and what they do not.",
        "preview_it": "Ne hai dieci. Ecco che cosa dicono, e che cosa non dicono.",
        "content": (
            "Ten gifts mean ten receipts, numbered without a gap.\n\nLook at one closely. It says where the money came "
            "from: credits you earned by playing are the sponsor's euros that you decided about, so the receipt for "
            "them is a thank-you. Money of your own is a gift in the eyes of the tax office as well, and its receipt "
            "says so. We keep the two apart in the ledger down to the cent, because the difference matters to somebody "
            "who has to sign a tax return.\n\nYou can download any of them again, and it will be the same document."
        ),
        "content_it": (
            "Dieci doni sono dieci ricevute, numerate senza salti.\n\nGuardane una da vicino. Dice da dove viene il "
            "denaro: i crediti guadagnati giocando sono euro dello sponsor sui quali hai deciso tu, e la loro ricevuta "
            "è un ringraziamento. Il denaro tuo è un'erogazione anche per il fisco, e la ricevuta lo dice. Nel "
            "registro teniamo le due cose distinte al centesimo, perché la differenza conta per chi deve firmare una "
            "dichiarazione.\n\nPuoi scaricarle di nuovo quando vuoi, e sarà sempre lo stesso documento."
        ),
    },
    {
        "id": "019b76da-a800-700e-97ed-192c683bea0e",
        "value": 25,
        "priority": 5,
        "category": "community",
        "minutes": 2,
        "tags": ["habit", "community"],
        "title": "A quarter of a hundred",
        "title_it": "Un quarto di cento",
        "preview": "Twenty-five gifts, and what regularity looks like from the other side.",
        "preview_it": "Venticinque doni, e la regolarità vista dall'altra parte.",
        "content": (
            "On the other side there is a page you have never seen. An organisation opens it and finds its donations: "
            "a date, an amount, and a name only where the donor agreed.\n\nTwenty-five of those lines are yours by now. "
            "Nobody there can tell that they are the same person if you gave anonymously, and still they can tell that "
            "something keeps coming, in the weeks with a campaign and in the weeks without.\n\nIt is a quiet kind of "
            "news. It is read more often than you would think."
        ),
        "content_it": (
            "Dall'altra parte c'è una pagina che non hai mai visto. Un'organizzazione la apre e trova le sue donazioni: "
            "una data, una somma, e un nome soltanto dove chi dona era d'accordo.\n\nVenticinque di quelle righe ormai "
            "sono tue. Se hai donato in forma anonima nessuno là può sapere che si tratta della stessa persona, eppure "
            "si vede che qualcosa continua ad arrivare, nelle settimane con una campagna e in quelle senza.\n\nÈ una "
            "notizia silenziosa. Viene letta più spesso di quanto pensi."
        ),
    },
]

ORGANISATIONS = [
    {
        "id": "019b76da-a800-700f-88fe-2a3d794cfb0f",
        "value": 3,
        "priority": 4,
        "category": "community",
        "minutes": 1,
        "tags": ["diversity"],
        "title": "Three doors",
        "title_it": "Tre porte",
        "preview": "You have helped three different organisations. They have more in common than their names.",
        "preview_it": "Hai aiutato tre organizzazioni diverse. Hanno in comune più di quanto dicano i nomi.",
        "content": (
            "Three organisations, three causes, three doors you knocked on.\n\nInside they look alike: a shared table, a "
            "printer with a temper, somebody who does the accounts in the evening, somebody who knows every family by "
            "name. Whoever supports several of them learns something a single cause does not teach: needs lean on each "
            "other. The child who is hungry does not learn; the river that floods does not ask which association "
            "answers the phone.\n\nYou do not have to choose one cause. You never had to."
        ),
        "content_it": (
            "Tre organizzazioni, tre cause, tre porte a cui hai bussato.\n\nDentro si somigliano: un tavolo in comune, "
            "una stampante capricciosa, qualcuno che tiene i conti la sera, qualcuno che conosce ogni famiglia per "
            "nome. Chi ne sostiene diverse impara una cosa che una causa sola non insegna: i bisogni si appoggiano "
            "l'uno all'altro. Il bambino che ha fame non impara; il fiume che esonda non chiede quale associazione "
            "risponda al telefono.\n\nNon devi scegliere una causa sola. Non hai mai dovuto."
        ),
    },
]


def rows():
    """Return every story as the columns of its document."""
    groups = [
        ("milestone", "total_donated", LEVELS),
        ("progress", "donation_count", GIFTS),
        ("progress", "onlus_diversity", ORGANISATIONS),
    ]
    return [_columns(kind, condition, story) for kind, condition, group in groups for story in group]


def _columns(kind, condition, story):
    return {
        "id": story["id"],
        "title": story["title"],
        "title_it": story["title_it"],
        "preview_content": story["preview"],
        "preview_content_it": story["preview_it"],
        "content": story["content"],
        "content_it": story["content_it"],
        "story_type": kind,
        "unlock_condition_type": condition,
        "unlock_condition_value": story["value"],
        "category": story["category"],
        "priority": story["priority"],
        "estimated_read_time": story["minutes"],
        "tags": story["tags"],
        "author": "system",
    }


def add_stories(apps, schema_editor):
    stories = apps.get_model("impact", "ImpactStory").objects.using(schema_editor.connection.alias)
    known = set(stories.values_list("id", flat=True))
    fresh = [
        stories.model(
            **{**row, "id": UUID(row["id"]), "unlock_condition_value": Decimal(row["unlock_condition_value"])}
        )
        for row in rows()
        if UUID(row["id"]) not in known
    ]
    stories.bulk_create(fresh)


def remove_stories(apps, schema_editor):
    stories = apps.get_model("impact", "ImpactStory").objects.using(schema_editor.connection.alias)
    stories.filter(id__in=[UUID(row["id"]) for row in rows()]).delete()
