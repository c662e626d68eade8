"""Every page and what it does, one line a handler: the map of the pages; programs have `alpr.web.api.routes`."""

from __future__ import annotations

from typing import Final

from litestar.handlers import HTTPRouteHandler

from alpr.web import demo, theme, webapp
from alpr.web.alerts import alarms, deliveries, push
from alpr.web.auth import login
from alpr.web.factory import definitions as factory_definitions
from alpr.web.factory import events as factory_events
from alpr.web.factory import floor as factory_floor
from alpr.web.factory import models
from alpr.web.factory import pages as factory
from alpr.web.factory import tables as factory_tables
from alpr.web.gate import barriers as barriers_pages
from alpr.web.gate import events as gate_events
from alpr.web.gate import forms as gate_forms
from alpr.web.gate import pages as gates
from alpr.web.lists import entries
from alpr.web.lists import files as listfiles
from alpr.web.lists import pages as lists
from alpr.web.live import pages as live_pages
from alpr.web.reads import deeds as readdeeds
from alpr.web.reads import events, evidence, exports, picked, pictures, review, vehicles
from alpr.web.reads import one as one_read
from alpr.web.reads import pages as reads
from alpr.web.reports import pages as reports
from alpr.web.rules import dryrun
from alpr.web.rules import pages as rules
from alpr.web.system import cameras, health
from alpr.web.system import pages as system
from alpr.web.visits import inside, roll
from alpr.web.visits import pages as visits
from alpr.web.words import tongues
from alpr.web.yard import batches, expected, passes
from alpr.web.yard import pages as yard

PAGES: Final[tuple[HTTPRouteHandler, ...]] = (
    login.show_login,
    login.log_in,
    login.log_out,
    reads.show_start,
    reads.show_reads,
    exports.show_export,
    exports.send_csv,
    exports.send_lines,
    exports.show_progress,
    exports.show_report,
    review.show_review,
    review.review_read,
    picked.show_picked,
    picked.add_to_list,
    picked.tag_reads,
    one_read.show_read,
    readdeeds.set_text,
    readdeeds.confirm,
    readdeeds.doubt,
    readdeeds.dismiss,
    readdeeds.undo,
    readdeeds.add_note,
    readdeeds.remove_note,
    evidence.send_evidence,
    inside.show_inside,
    roll.show_roll,
    roll.export_inside,
    visits.show_visits,
    visits.show_visit,
    visits.close_visit,
    visits.reopen_visit,
    visits.merge_visits,
    visits.undo_decision,
    pictures.show_frame,
    pictures.show_crop,
    pictures.show_look,
    gates.show_gates,
    gates.show_gate,
    gate_events.stream_gate,
    gate_forms.ask_deed,
    gate_forms.do_deed,
    live_pages.show_wall,
    live_pages.show_wall_state,
    live_pages.show_camera,
    live_pages.show_camera_state,
    live_pages.show_picture,
    cameras.show_cameras,
    cameras.show_health,
    factory.show_factory,
    factory.export_trend,
    factory.export_waterfall,
    factory_events.stream_activity,
    factory_tables.show_workers,
    factory_tables.export_workers,
    factory_tables.show_worker,
    factory_tables.show_stations,
    factory_tables.export_stations,
    factory_tables.show_station,
    factory_floor.show_timeline,
    factory_floor.export_timeline,
    factory_definitions.show_definitions,
    models.show_models,
    models.export_models,
    system.show_system,
    push.show_push,
    push.subscribe,
    push.unsubscribe,
    webapp.show_manifest,
    webapp.show_offline,
    webapp.show_worker,
    barriers_pages.show_barriers,
    barriers_pages.ask_to_open,
    barriers_pages.open_barrier,
    alarms.show_alarms,
    alarms.show_bell,
    alarms.acknowledge,
    rules.show_rules,
    rules.show_new_rule,
    rules.add_rule,
    rules.show_rule,
    rules.save_rule,
    rules.change_state,
    dryrun.try_rules,
    deliveries.show_deliveries,
    deliveries.retry,
    deliveries.give_up,
    deliveries.send_test,
    lists.show_lists,
    lists.make_list,
    lists.show_list,
    lists.change_list,
    lists.ask_remove,
    lists.remove_list,
    entries.show_new,
    entries.add_entry,
    entries.show_entry,
    entries.change_entry,
    entries.remove_entry,
    listfiles.import_list,
    listfiles.export_list,
    passes.show_passes,
    passes.show_pass,
    expected.show_expected,
    expected.announce,
    expected.import_expected,
    expected.remove_expected,
    expected.export_expected,
    batches.show_batches,
    batches.show_batch,
    batches.retry,
    reports.show_reports,
    reports.export_report,
    yard.show_yard,
    yard.export_yard,
    yard.show_container,
    vehicles.show_vehicles,
    vehicles.show_vehicle,
    vehicles.add_vehicle_note,
    theme.choose_theme,
    tongues.choose_language,
    demo.show_score,
    events.stream_events,
    health.show_overall,
)
