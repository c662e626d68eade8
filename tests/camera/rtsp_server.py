"""An RTSP camera to test against: GStreamer's server, which sends prepared clips without encoding anything.

Runs under Debian's Python: `/usr/bin/python3 rtsp_server.py --port 8554 --clips FOLDER`, with
gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base -good -bad gstreamer1.0-rtsp
(and glib-networking for --certificate). Mounts: /h264 /h265 /av (H.264 and A-law) /jpeg /audio.
Prints READY and the port when it listens.
"""

import argparse
import pathlib
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402 - versions come first

FPS = 25
AUDIO = "audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name={name} pt=8"


def access_units(data, codec):
    """Cut an Annex B clip in front of its access unit delimiters."""
    cuts, at = [], data.find(b"\0\0\1")
    while at >= 0:
        delimiter = data[at + 3] & 31 == 9 if codec == "h264" else data[at + 3] >> 1 & 63 == 35
        if delimiter:
            cuts.append(at - 1 if data[at - 1 : at] == b"\0" else at)
        at = data.find(b"\0\0\1", at + 3)
    return [data[start:end] for start, end in zip(cuts, [*cuts[1:], len(data)], strict=True)]


class Feeder(threading.Thread):
    """Pushes a clip's access units in real time, round and round."""

    def __init__(self, source, units):
        super().__init__(daemon=True)
        self.source, self.units, self.stopped = source, units, threading.Event()

    def run(self):
        begun, number = time.monotonic(), 0
        while not self.stopped.wait(max(0.0, begun + number / FPS - time.monotonic())):
            buffer = Gst.Buffer.new_wrapped(self.units[number % len(self.units)])
            buffer.pts = buffer.dts = number * Gst.SECOND // FPS
            buffer.duration = Gst.SECOND // FPS
            if self.source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
                return
            number += 1


class Factory(GstRtspServer.RTSPMediaFactory):
    """One mount; the clip begins anew for every viewer."""

    def __init__(self, options, codec, pipeline):
        super().__init__()
        self.codec, self.pipeline, self.clips = codec, pipeline, pathlib.Path(options.clips)
        transports = {"tcp": GstRtsp.RTSPLowerTrans.TCP, "udp": GstRtsp.RTSPLowerTrans.UDP}
        self.protocols = transports.get(options.protocols)

    def do_create_element(self, _url):
        return Gst.parse_launch(f"( {self.pipeline} )")

    def do_configure(self, media):
        if self.protocols is not None:
            media.set_protocols(self.protocols)
        source = media.get_element().get_child_by_name("src")
        if self.codec:
            feeder = Feeder(source, access_units((self.clips / f"clip.{self.codec}").read_bytes(), self.codec))
            feeder.start()
            media.connect("unprepared", lambda _media: feeder.stopped.set())


def coded(options, codec):
    """Return the pipeline that sends a clip."""
    aggregate = "aggregate-mode=zero-latency" if options.aggregate else ""
    interval = 0 if options.parameters_in_sdp else -1
    return (
        f"appsrc name=src is-live=true format=time block=true max-bytes=8000000 "
        f"caps=video/x-{codec},stream-format=byte-stream,alignment=au ! {codec}parse "
        f"! rtp{codec}pay name=pay0 pt=96 mtu=1400 config-interval={interval} {aggregate}"
    )


def authentication(options, factories):
    """Return what demands a password or TLS, and allow its user every mount."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if options.certificate:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(options.certificate))
    if options.auth == "basic":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(options.user, options.password), token)
    elif options.auth == "digest":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(options.user, options.password, token)
    else:
        auth.set_default_token(token)
    for factory in factories:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_role("viewer")
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
    return auth


def main():
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default="0")
    parser.add_argument("--clips", required=True)
    parser.add_argument("--auth", choices=("none", "basic", "digest"), default="none")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", default="secret")
    parser.add_argument("--protocols", choices=("any", "tcp", "udp"), default="any")
    parser.add_argument("--certificate", help="PEM with key: rtsps")
    parser.add_argument("--aggregate", action="store_true", help="STAP-A and AP packets")
    parser.add_argument("--parameters-in-sdp", action="store_true", help="no repeated parameter sets in the stream")
    options = parser.parse_args()
    Gst.init(None)
    raw = "videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=240,framerate=10/1"
    mounts = {
        "/h264": Factory(options, "h264", coded(options, "h264")),
        "/h265": Factory(options, "h265", coded(options, "h265")),
        "/av": Factory(options, "h264", coded(options, "h264") + " " + AUDIO.format(name="pay1")),
        "/jpeg": Factory(options, "", f"{raw} ! jpegenc ! rtpjpegpay name=pay0 pt=26"),
        "/audio": Factory(options, "", AUDIO.format(name="pay0")),
    }
    server = GstRtspServer.RTSPServer()
    server.set_address(options.host)
    server.set_service(options.port)
    if options.auth != "none" or options.certificate:
        server.set_auth(authentication(options, mounts.values()))
    for path, factory in mounts.items():
        server.get_mount_points().add_factory(path, factory)
    if not server.attach(None):
        sys.exit("cannot listen")
    print("READY", server.get_bound_port(), flush=True)  # noqa: T201 - the tests read it
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
