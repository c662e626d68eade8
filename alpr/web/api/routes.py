"""The map of the API, and its description for other programs (OpenAPI 3.1, `/api/v1/openapi.json`)."""

from litestar import Router
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, Reference, SecurityScheme

from alpr import __version__
from alpr.web.api import (
    activity,
    activitymetrics,
    barriers,
    corrections,
    deliveries,
    events,
    exchange,
    expected,
    exports,
    hits,
    lists,
    models,
    passes,
    reads,
    reports,
    rules,
    site,
    visits,
    yard,
)
from alpr.web.api.parameters import refuse_unknown

_PATH = "/api/v1"

api_router = Router(
    _PATH,
    route_handlers=[
        reads.list_reads,
        exchange.send_reads,
        reads.search_reads,
        reads.get_read,
        reads.list_looks,
        reads.get_frame,
        reads.get_crop,
        reads.get_look,
        corrections.set_text,
        corrections.confirm,
        corrections.doubt,
        corrections.dismiss,
        corrections.undo,
        corrections.list_corrections,
        corrections.list_notes,
        corrections.add_note,
        corrections.list_vehicle_notes,
        corrections.add_vehicle_note,
        corrections.remove_note,
        corrections.get_evidence,
        corrections.list_waiting,
        exports.export_reads,
        hits.list_all_hits,
        events.stream_events,
        lists.list_hits,
        lists.list_lists,
        lists.make_list,
        lists.change_list,
        lists.remove_list,
        lists.list_entries,
        lists.add_entry,
        lists.get_entry,
        lists.change_entry,
        lists.remove_entry,
        rules.list_rules,
        rules.make_rule,
        rules.change_rule,
        rules.remove_rule,
        rules.list_alarms,
        rules.acknowledge,
        deliveries.list_deliveries,
        deliveries.list_targets,
        deliveries.retry_delivery,
        deliveries.retry_deliveries,
        deliveries.give_up_delivery,
        barriers.list_barriers,
        barriers.open_barrier,
        passes.list_passes,
        passes.get_pass,
        yard.list_yard,
        yard.count_yard,
        yard.get_container,
        expected.list_expected,
        expected.announce,
        expected.announce_several,
        expected.remove_expected,
        visits.list_visits,
        visits.sum_up_visits,
        visits.get_visit,
        visits.close_visit,
        visits.reopen_visit,
        visits.merge_visits,
        visits.undo_decision,
        visits.list_inside,
        visits.count_inside,
        reports.get_report,
        reports.get_metrics,
        activity.send_event,
        activity.send_events,
        activity.list_events,
        activity.list_sources,
        activitymetrics.list_workers,
        activitymetrics.list_stations,
        activitymetrics.get_factory,
        activitymetrics.get_trend,
        activitymetrics.get_timeline,
        activitymetrics.list_definitions,
        models.list_versions,
        models.list_drift,
        site.list_cameras,
        site.count_reads,
        site.get_health,
    ],
    before_request=refuse_unknown,
    include_in_schema=True,
)


def openapi_config() -> OpenAPIConfig:
    """Describe the API; as JSON alone, since every page that shows it nicely would come from another host."""
    schemes: dict[str, SecurityScheme | Reference] = {
        "token": SecurityScheme(type="http", scheme="bearer", description="`alpr token add NAME` makes one."),
        "password": SecurityScheme(
            type="http", scheme="basic", description="A token as the password, for cameras that know no other way."
        ),
        "session": SecurityScheme(type="apiKey", security_scheme_in="cookie", name="alpr-session"),
    }
    return OpenAPIConfig(
        title="alpr",
        version=__version__,
        description="The reads of a gate log, its lists, rules and alarms; times are ISO 8601, errors RFC 9457.",
        # The path is that of the document itself, for Litestar puts a page of its own at every other place below it.
        path=f"{_PATH}/openapi.json",
        render_plugins=[JsonRenderPlugin(path="/")],
        components=Components(security_schemes=schemes),
        security=[{"token": []}, {"password": []}, {"session": []}],
        use_handler_docstrings=True,
    )
