"""Every text that a person reads, in Chinese and English."""

from typing import Literal

from bot.locales.en.core import EN
from bot.locales.schema import Texts
from bot.locales.zh.core import ZH

__all__ = ["Texts", "texts_in"]


def texts_in(language: Literal["auto", "zh", "en"]) -> Texts:
    """The texts of a LANGUAGE setting; ``auto`` is Chinese, the language of the CRM's labels."""
    return EN if language == "en" else ZH
