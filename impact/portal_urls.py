"""Portal pages about impact, each under the organisation it is about."""

from django.urls import path

from impact.views import metrics, stories, updates

_metric = "<uuid:onlus_id>/metrics/<uuid:metric_id>"
_update = "<uuid:onlus_id>/updates/<uuid:update_id>"

urlpatterns = [
    path("<uuid:onlus_id>/stories/", stories.stories, name="stories"),
    path("<uuid:onlus_id>/stories/new/", stories.story_new, name="story_new"),
    path("<uuid:onlus_id>/stories/<uuid:proposal_id>/", stories.story, name="story"),
    path("<uuid:onlus_id>/stories/<uuid:proposal_id>/edit/", stories.story_edit, name="story_edit"),
    path(
        "<uuid:onlus_id>/stories/<uuid:proposal_id>/withdraw/", stories.story_withdraw, name="story_withdraw"
    ),
    path("<uuid:onlus_id>/metrics/", metrics.metrics, name="metrics"),
    path("<uuid:onlus_id>/metrics/new/", metrics.metric_new, name="metric_new"),
    path(f"{_metric}/", metrics.metric, name="metric"),
    path(f"{_metric}/report/", metrics.metric_report, name="metric_report"),
    path(f"{_metric}/correct/", metrics.metric_correct, name="metric_correct"),
    path(f"{_metric}/words/", metrics.metric_words, name="metric_words"),
    path(f"{_metric}/evidence/", metrics.metric_evidence_new, name="metric_evidence"),
    path(f"{_metric}/stop/", metrics.metric_stop, name="metric_stop"),
    path("<uuid:onlus_id>/updates/", updates.updates, name="updates"),
    path("<uuid:onlus_id>/updates/new/", updates.update_new, name="update_new"),
    path(f"{_update}/", updates.update, name="update"),
    path(f"{_update}/edit/", updates.update_edit, name="update_edit"),
    path(f"{_update}/publish/", updates.update_publish, name="update_publish"),
    path(f"{_update}/schedule/", updates.update_schedule, name="update_schedule"),
    path(f"{_update}/unschedule/", updates.update_unschedule, name="update_unschedule"),
    path(f"{_update}/archive/", updates.update_archive, name="update_archive"),
    path(f"{_update}/pictures/", updates.update_picture_add, name="update_picture_add"),
    path(
        f"{_update}/pictures/<uuid:picture_id>/remove/",
        updates.update_picture_remove,
        name="update_picture_remove",
    ),
]
