"""Pictures: planes and pixels of the same frame, converted once, held no longer than needed."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import av
import cv2
import numpy as np
import pytest

from alpr.camera.picture import ImagePicture, VideoPicture
from tests.drawn_plates import street


def _video(pixel_format: str, size: tuple[int, int] = (960, 540)) -> VideoPicture:
    image = cv2.resize(street("KLM4607"), size)
    return VideoPicture(av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format=pixel_format))


@pytest.mark.parametrize(
    "pixel_format", ["yuv420p", "yuvj420p", "nv12", "yuv422p", "yuv444p", "gray", "yuv420p10le", "rgb24"]
)
@pytest.mark.parametrize("size", [(960, 540), (322, 182)], ids=["even rows", "padded rows"])
def test_brightness_and_colour_are_of_one_picture(pixel_format, size):
    """Whatever the decoder gives, `luma` is the brightness of `bgr`, in the size of the picture."""
    picture = _video(pixel_format, size)
    luma, bgr = picture.luma(), picture.bgr()
    assert (picture.width, picture.height) == size
    assert luma.shape == size[::-1]
    assert bgr.shape == (*size[::-1], 3)
    assert luma.dtype == bgr.dtype == np.uint8
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY).astype(float)
    limited = (luma.astype(float) - 16) * 255 / 219
    assert min(np.abs(grey - luma).mean(), np.abs(grey - limited).mean()) < 4


def test_converted_once_while_somebody_holds_it():
    """Two that ask get the same pixels; once nobody holds them, they are let go and made anew."""
    picture = _video("yuv420p")
    first = picture.bgr()
    assert picture.bgr() is first
    copy = first.copy()
    del first
    gc.collect()
    assert picture._bgr() is None
    assert (picture.bgr() == copy).all()


def test_many_threads_may_ask():
    """All get the same picture."""
    picture = _video("yuv420p")
    together = threading.Barrier(4)

    def ask(_: int) -> np.ndarray:
        together.wait()
        return picture.bgr()

    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(ask, range(4)))
    assert all(image is images[0] for image in images)


def test_a_still_is_what_it_is():
    """Its pixels are given out themselves, its brightness is computed."""
    image = street("KLM4607")
    picture = ImagePicture(image)
    assert picture.bgr() is image
    assert (picture.width, picture.height) == (960, 540)
    assert picture.luma().shape == (540, 960)
