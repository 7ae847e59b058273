"""The pages of the desk."""

from django.urls import path

from operators.views import (
    case,
    cases,
    claims,
    decide,
    drafts,
    exports,
    metrics,
    preferences,
    queue,
    saved_views,
    talk,
)

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("views/", saved_views.save_view, name="save_view"),
    path("views/mine/", saved_views.own_views, name="own_views"),
    path("views/restore/", saved_views.restore_view, name="restore_view"),
    path("views/<int:view_id>/", saved_views.rename_view, name="rename_view"),
    path("views/<int:view_id>/delete/", saved_views.delete_view, name="delete_view"),
    path("next/", claims.claim_next, name="claim_next"),
    path("cases/<uuid:case_id>/", case.case, name="case"),
    path("cases/<uuid:case_id>/peek/", case.peek, name="peek"),
    path("cases/<uuid:case_id>/status/", case.status, name="case_status"),
    path("cases/<uuid:case_id>/conversation/", case.conversation, name="conversation"),
    path("cases/<uuid:case_id>/text/", case.text, name="case_text"),
    path("cases/<uuid:case_id>/claim/", claims.claim, name="claim"),
    path("cases/<uuid:case_id>/release/", claims.release, name="release"),
    path("cases/<uuid:case_id>/heartbeat/", claims.heartbeat, name="heartbeat"),
    path("cases/<uuid:case_id>/draft/", drafts.draft, name="draft"),
    path("cases/<uuid:case_id>/arguments/", decide.check_arguments, name="check_arguments"),
    path("cases/<uuid:case_id>/say/", talk.say, name="say"),
    path("cases/<uuid:case_id>/decide/", decide.decide, name="decide"),
    path("cases/<uuid:case_id>/reopen/", decide.reopen, name="reopen"),
    path("preferences/theme/", preferences.set_theme, name="set_theme"),
    path("preferences/timezone/", preferences.set_timezone, name="set_timezone"),
    path("cases/", cases.cases, name="cases"),
    path("figures/", metrics.metrics_page, name="metrics"),
    path("exports/", exports.exports, name="exports"),
    path("exports/download/", exports.download, name="download_export"),
]
