"""The README's pictures are made of the present page."""

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser

from pictures.png import description_of
from pictures.scenes import SCENES, Scene
from pictures.studio import take

pytestmark = pytest.mark.browser

PICTURES: Final = Path(__file__).parents[2] / "pictures"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_picture_shows_what_the_page_shows(browser: Browser, scene: Scene) -> None:
    """Word by word, but for the codes of failures. If not: ``make pictures``."""
    kept = (PICTURES / f"{scene.name}.png").read_bytes()
    assert description_of(take(browser, scene)) == description_of(kept) != ""
