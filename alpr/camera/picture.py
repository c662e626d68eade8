"""Pictures that convert late: a decoded video frame, or a still already in memory.

See `alpr.domain.Picture` for the contract.
"""

from __future__ import annotations

import threading
import weakref

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter

from alpr.domain import BgrImage, GreyImage


class _Converter(threading.local):
    """FFmpeg's converter, one for each of our threads.

    PyAV's own makes one for every frame, which keeps a thread for each core alive as long as the frame.
    """

    def __init__(self) -> None:
        self.reformatter = VideoReformatter()


_converter = _Converter()


class VideoPicture:
    """A decoded video frame that stays in its planes until BGR is asked for."""

    def __init__(self, frame: av.VideoFrame) -> None:
        self._frame = frame
        # Weak: the planes take half the memory, and evidence is held for as long as a vehicle is in view.
        self._bgr: weakref.ref[BgrImage] | None = None
        self._lock = threading.Lock()

    @property
    def width(self) -> int:
        """Pixels."""
        return self._frame.width

    @property
    def height(self) -> int:
        """Pixels."""
        return self._frame.height

    def luma(self) -> GreyImage:
        """Return the Y plane `(h, w) uint8`: a view for planar YUV, else computed."""
        frame = self._frame
        if frame.format.name in {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "gray"}:
            plane = frame.planes[0]
            rows: GreyImage = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
            return rows[: frame.height, : frame.width]
        return cv2.cvtColor(self.bgr(), cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)

    def bgr(self) -> BgrImage:
        """Return the frame as BGR `(h, w, 3) uint8`, converted once while somebody holds the result."""
        with self._lock:
            image = self._bgr() if self._bgr else None
            if image is None:
                converted = _converter.reformatter.reformat(self._frame, format="bgr24", threads=1)
                image = converted.to_ndarray().astype(np.uint8, copy=False)
                self._bgr = weakref.ref(image)
            return image


class ImagePicture:
    """A picture that is BGR already, `(h, w, 3) uint8`."""

    def __init__(self, image: BgrImage) -> None:
        self._image = image

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self._image.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self._image.shape[0])

    def luma(self) -> GreyImage:
        """Return the brightness `(h, w) uint8`, computed."""
        return cv2.cvtColor(self._image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)

    def bgr(self) -> BgrImage:
        """Return the image itself."""
        return self._image
