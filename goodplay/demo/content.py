"""What the organisations tell: figures, news, stories of their own, and the community's reports."""

from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import Onlus
from impact.models import ImpactMetric, ImpactStory, ImpactUpdate, MetricPoint
from impact.operations import reports

Type, Unit = ImpactMetric.Type, ImpactMetric.Unit

METRICS = (
    ("Boschi di Domani", "Alberi piantati", Type.ENVIRONMENTAL, Unit.CUSTOM, 4120, 6000),
    ("Boschi di Domani", "Ore di volontariato", Type.SOCIAL, Unit.HOURS, 2310, None),
    ("La Mensa di Quartiere", "Persone a tavola ogni settimana", Type.BENEFICIARIES, Unit.PEOPLE, 186, 220),
    ("Doposcuola Aquilone", "Bambini al doposcuola", Type.EDUCATIONAL, Unit.PEOPLE, 64, 80),
    ("Rifugio Zampe Felici", "Animali adottati", Type.BENEFICIARIES, Unit.ANIMALS, 212, 250),
    ("Mare Pulito Salento", "Plastica raccolta", Type.ENVIRONMENTAL, Unit.KILOGRAMS, 8740, 12000),
    ("Casa dei Nonni", "Visite a casa", Type.HEALTHCARE, Unit.CUSTOM, 1475, 2000),
    ("Musica in Corsia", "Concerti in corsia", Type.PROJECTS, Unit.PROJECTS, 58, 72),
    ("Ponti di Pace", "Persone seguite", Type.BENEFICIARIES, Unit.PEOPLE, 341, 500),
    ("Orti Condivisi Milano", "Orti coltivati", Type.ENVIRONMENTAL, Unit.SQUARE_METERS, 3650, 4000),
)

UPDATES = (
    (
        "Boschi di Domani",
        ImpactUpdate.Type.MILESTONE_REACHED,
        ImpactUpdate.Priority.HIGH,
        "Quattromila alberi a dimora",
        "Sabato, sopra Tesero, abbiamo piantato gli ultimi larici della stagione. Eravamo in ottantatré a scavare; il più piccolo ha sei anni.",
        9,
    ),
    (
        "La Mensa di Quartiere",
        ImpactUpdate.Type.OPERATIONAL_UPDATE,
        ImpactUpdate.Priority.NORMAL,
        "Ora cuciniamo anche la domenica",
        "Grazie a nuovi volontari la cucina di via Nizza è aperta sette sere su sette.",
        16,
    ),
    (
        "Mare Pulito Salento",
        ImpactUpdate.Type.SEASONAL_CAMPAIGN,
        ImpactUpdate.Priority.NORMAL,
        "Pulizie d'autunno da Gallipoli a Otranto",
        "Cinque fine settimana, undici spiagge, una barca: iscriviti sulla nostra pagina o vieni e basta.",
        21,
    ),
    (
        "Doposcuola Aquilone",
        ImpactUpdate.Type.BENEFICIARY_STORY,
        ImpactUpdate.Priority.NORMAL,
        "Il primo dieci in matematica",
        "A settembre le frazioni erano il nemico. Questa settimana una bambina di quarta le ha spiegate agli altri.",
        27,
    ),
    (
        "Musica in Corsia",
        ImpactUpdate.Type.PARTNERSHIP_NEWS,
        ImpactUpdate.Priority.LOW,
        "Arriva il conservatorio",
        "Gli studenti del Cherubini suoneranno con noi una volta al mese.",
        34,
    ),
)

GROWTH = (38, 47, 52, 66, 81, 100)
"""Per cent of today's value, month by month."""

STORIES = (
    (
        "Boschi di Domani",
        "The wood after the storm",
        "Il bosco dopo la tempesta",
        "What grows first where Vaia passed?",
        "Che cosa cresce per primo dove è passata Vaia?",
        "Raspberries, then birches, then patience. Our foresters count every square metre that turns green by itself, and "
        "plant only where it does not.",
        "Prima i lamponi, poi le betulle, poi la pazienza. Contiamo ogni metro quadrato che rinverdisce da solo e piantiamo "
        "solo dove non succede.",
        Decimal(3),
    ),
    (
        "La Mensa di Quartiere",
        "Table number seven",
        "Il tavolo numero sette",
        "Why one table is always laid for eight.",
        "Perché un tavolo è sempre apparecchiato per otto.",
        "It began with a birthday nobody else remembered. Since then table seven belongs to whoever comes alone.",
        "È cominciato con un compleanno che nessuno ricordava. Da allora il tavolo sette è di chi arriva da solo.",
        Decimal(15),
    ),
)


def publish(now: datetime) -> None:
    """Write everything the organisations and the community have to tell."""
    by_name = {onlus.name: onlus for onlus in Onlus.objects.all()}
    _report_figures(by_name, now)
    _post_news(by_name, now)
    _tell_stories(by_name)
    reports.make_due(now=now)


def _report_figures(by_name: dict[str, Onlus], now: datetime) -> None:
    for place, (name, title, kind, unit, value, target) in enumerate(METRICS):
        is_verified = place % 3 != 2
        metric = ImpactMetric.objects.create(
            onlus=by_name[name],
            metric_name=title,
            metric_type=kind,
            metric_unit=unit,
            current_value=value,
            target_value=target,
            collection_date=now - timedelta(days=3 + place),
            verification_status="verified" if is_verified else "pending",
            last_verified=now - timedelta(days=2) if is_verified else None,
        )
        MetricPoint.objects.bulk_create(
            MetricPoint(
                metric_id=metric.pk,
                value=(Decimal(value) * percent / 100).quantize(Decimal("0.01")),
                source="onlus_report",
                recorded_at=metric.collection_date - timedelta(days=30 * (len(GROWTH) - 1 - month)),
            )
            for month, percent in enumerate(GROWTH)
        )


def _post_news(by_name: dict[str, Onlus], now: datetime) -> None:
    for name, kind, priority, title, text, days_ago in UPDATES:
        ImpactUpdate.objects.create(
            onlus=by_name[name],
            title=title,
            content=text,
            update_type=kind,
            priority=priority,
            status=ImpactUpdate.Status.PUBLISHED,
            published_at=now - timedelta(days=days_ago),
            author=name,
        )


def _tell_stories(by_name: dict[str, Onlus]) -> None:
    for name, title, title_it, teaser, teaser_it, text, text_it, threshold in STORIES:
        ImpactStory.objects.create(
            onlus=by_name[name],
            title=title,
            title_it=title_it,
            preview_content=teaser,
            preview_content_it=teaser_it,
            content=text,
            content_it=text_it,
            story_type=ImpactStory.Type.PROGRESS,
            unlock_condition_type=ImpactStory.Condition.TOTAL_DONATED,
            unlock_condition_value=threshold,
            category=by_name[name].category_id,
            priority=5,
        )
