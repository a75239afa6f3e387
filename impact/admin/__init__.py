from . import metrics, milestones, proofs, reports, stories, tracking, updates

__all__ = ["metrics", "milestones", "proofs", "reports", "stories", "tracking", "updates"]
