"""Faults of the outer world in words: what happened and what to do, without the subject."""

from __future__ import annotations

from http import HTTPStatus


def path_fault(error: OSError) -> str:
    """Say why a path cannot be read."""
    if isinstance(error, FileNotFoundError):
        return "does not exist: check the path"
    if isinstance(error, PermissionError):
        return "may not be read by this user: check owner and permissions"
    if isinstance(error, NotADirectoryError):
        return "a part of the path is a file, not a folder: check the path"
    return f"cannot be read ({error.strerror or type(error).__name__}): check the disk or the mount"


def http_fault(code: int) -> str:
    """Say what an HTTP or RTSP status code other than success means for a camera."""
    if code == HTTPStatus.UNAUTHORIZED:
        return "refused (401): check username and password"
    if code == HTTPStatus.FORBIDDEN:
        return "refused (403): this user may not see the picture, or the camera has locked it out for a while"
    if code == HTTPStatus.NOT_FOUND:
        return "not found (404): the camera answers, but not at this path: check the url"
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"fault of the camera ({code}): trying again; restart the camera if it stays so"
    return f"answered {code}: check the url"


def network_fault(detail: str) -> str:
    """Say that a camera cannot be reached, with the system's word for why."""
    if "certificate" in detail.lower():
        return "its certificate is not trusted: install the camera's own, or set tls_verify = false"
    return f"cannot be reached ({detail or 'no answer'}): check address, port, cable and power"


def silence_fault(seconds: float) -> str:
    """Say that a camera does not answer."""
    return f"no answer within {seconds:g} s: check address, cable and power"
