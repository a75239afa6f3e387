"""Documents in the shapes of the old installation."""

from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec

from tests.factories.old import werkzeug_hash

PASSWORD = "una frase lunga e mia"
HASH = werkzeug_hash(PASSWORD)  # once: it takes a tenth of a second
THEN = datetime(2025, 5, 4, 9, 30, tzinfo=UTC)


def oid(number):
    """Return the key of a document: an ObjectId where MongoDB's driver is there, else how it is written."""
    written = f"66400000{number:016x}"
    return import_module("bson.objectid").ObjectId(written) if find_spec("bson") else written


def user(number, **changes):
    return {
        "_id": oid(number),
        "email": f"Giocatore{number}@example.org",
        "password_hash": HASH,
        "first_name": "Lucia",
        "last_name": "Bianchi",
        "is_active": True,
        "is_verified": True,
        "role": "user",
        "preferred_language": "it",
        "created_at": THEN.isoformat(),  # the old installation wrote some dates as text
        "updated_at": THEN,
        "impact_score": 12.5,
        "gaming_stats": {"total_play_time": 10, "games_played": 2},
        "wallet_credits": {"current_balance": 0.0, "total_earned": 0.0, "total_donated": 0.0},
        "social_profile": {"display_name": f"Lucia {number}", "privacy_level": "friends", "friends_count": 1},
        "preferences": {
            "gaming": {
                "preferred_categories": ["puzzle"],
                "difficulty_level": "hard",
                "sound_enabled": False,
            },
            "notifications": {"frequency": "none", "email_enabled": True},
            "privacy": {"profile_visibility": "public", "stats_sharing": False},
            "donations": {"auto_donate_enabled": True, "auto_donate_percentage": 20, "monthly_goal": 12.5},
        },
    } | changes


def organisation(number, **changes):
    return {
        "_id": oid(number),
        "organization_name": f"Casa Aperta {number}",
        "category": "culture_sport",
        "mission_statement": "A house for everybody.",
        "contact_email": "Info@casa.example",
        "website_url": "https://casa.example",
        "address": {"street": "Via Roma 1", "city": "Torino", "postal_code": "10100"},
        "tax_id": "97103880585",
        "status": "active",
        "verification_date": THEN,
        "bank_account_verified": True,
        "tags": ["Casa", "Torino"],
        "leadership_team": [{"name": "Anna", "role": "president"}],
        "created_at": THEN,
    } | changes


def game(number, **changes):
    return {
        "_id": oid(number),
        "name": f"Snake {number}",
        "category": "Arcade",
        "version": "1.2",
        "plugin_id": f"snake_{number}",
        "credit_rate": 1.5,
        "difficulty_level": "easy",
        "is_active": True,
        "created_at": THEN,
    } | changes


def session(number, user_id, game_id, **changes):
    return {
        "_id": oid(number),
        "session_id": f"session-{number}",
        "user_id": str(user_id),
        "game_id": str(game_id),
        "status": "completed",
        "score": 420,
        "credits_earned": 7,
        "play_duration": 600_000,
        "moves": [{"x": 1}, {"x": 2}],
        "statistics": {"level": 3},
        "started_at": THEN.replace(tzinfo=None),  # naive, as the driver gave them back
        "ended_at": THEN.replace(minute=45, tzinfo=None),
        "device_info": {"device_id": "abc"},
    } | changes


def wallet(number, user_id, balance, **changes):
    return {
        "_id": oid(number),
        "user_id": user_id,
        "current_balance": balance,
        "total_earned": balance,
        "total_donated": 0.0,
        "auto_donation_settings": {"enabled": True, "threshold": 15.0, "percentage": 40},
        "version": 3,
        "created_at": THEN,
    } | changes


def transaction(number, user_id, kind, amount, **changes):
    return {
        "_id": oid(number),
        "transaction_id": f"transaction-{number}",
        "user_id": user_id,
        "transaction_type": kind,
        "amount": amount,
        "multiplier_applied": 1.0,
        "source_type": "gameplay" if kind == "earned" else None,
        "status": "completed",
        "created_at": THEN,
    } | changes


def intent(number, user_id, net, **changes):
    return {
        "_id": oid(number),
        "user_id": user_id,
        "amount": net + 0.5,
        "net_amount": net,
        "currency": "EUR",
        "status": "succeeded",
        "refunded_amount": 0.0,
    } | changes


def story(number, **changes):
    return {
        "_id": oid(number),
        "onlus_id": None,
        "title": f"The first well {number}",
        "content": "It was dug in **March**.",
        "story_type": "milestone",
        "unlock_condition_type": "total_donated",
        "unlock_condition_value": 100.0,
        "category": "environment",
        "priority": 5,
        "media_urls": ["https://casa.example/well.jpg"],
        "tags": ["Water"],
        "featured_until": None,
        "is_active": True,
        "created_at": THEN,
    } | changes


def metric(number, onlus_id, **changes):
    return {
        "_id": oid(number),
        "onlus_id": str(onlus_id),
        "metric_name": f"children_helped_{number}",
        "metric_type": "beneficiaries",
        "current_value": 150,
        "previous_value": 120,
        "unit": "people",
        "related_donations_amount": 2500.0,
        "efficiency_ratio": 0.06,
        "collection_period": "month",
        "collection_date": THEN,
        "verification_status": "verified",
        "is_active": True,
        "created_at": THEN,
    } | changes


def update(number, onlus_id, **changes):
    return {
        "_id": oid(number),
        "onlus_id": str(onlus_id),
        "title": f"New school {number}",
        "content": "It is **done**.",
        "update_type": "milestone_reached",
        "priority": "high",
        "status": "published",
        "tags": ["school"],
        "media_urls": [],
        "related_metrics": {"schools_built": 1},
        "engagement_metrics": {"views": 1250, "likes": 45, "shares": 12, "comments": 8},
        "created_at": THEN,
        "published_at": THEN,
    } | changes


def report(number, **changes):
    return {
        "_id": oid(number),
        "report_type": "monthly",
        "title": "Sept 2024",
        "summary": "Together.",
        "period_start": datetime(2024, 9, 1, tzinfo=UTC),
        "period_end": datetime(2024, 9, 30, tzinfo=UTC),
        "total_donations": 45000.0,
        "total_donors": 320,
        "active_onlus_count": 15,
        "detailed_metrics": {"donations_by_category": {"education": 18000.0}},
        "growth_metrics": {"donations_growth": 15.5},
        "status": "published",
        "created_at": THEN,
        "published_at": THEN,
    } | changes


def fill(database, **collections):
    for name, documents in collections.items():
        if documents:
            database[name].insert_many(documents)


def a_whole_installation(database):
    """Two people, one of them with money, and something of everything else."""
    one, two, onlus, snake = oid(1), oid(2), oid(10), oid(20)
    fill(
        database,
        users=[user(1), user(2, role="admin", preferences={})],
        user_relationships=[{"_id": oid(3), "user_id": one, "target_user_id": two, "status": "accepted"}],
        onlus_categories=[{"_id": oid(9), "category": "environment", "name": "Environment"}],
        onlus_organizations=[organisation(10)],
        games=[game(20)],
        game_sessions=[session(21, one, snake), session(22, one, snake, status="active", ended_at=None)],
        wallets=[wallet(30, one, 17.3)],
        transactions=[
            transaction(31, str(one), "earned", 10.0, multiplier_applied=1.23),
            transaction(32, one, "bonus", 10.0, source_type="payment_gateway"),
            transaction(33, one, "donated", 5.0, onlus_id=str(onlus)),
            transaction(34, one, "earned", 99.0, status="failed"),
        ],
        payment_intents=[intent(35, str(one), 10.0)],
        impact_stories=[story(40), story(41, onlus_id=str(onlus))],
        impact_metrics=[metric(50, onlus)],
        impact_updates=[update(60, onlus)],
        community_reports=[report(70)],
    )
