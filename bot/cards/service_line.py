"""The one line of a customer's devices and work orders, on what only the asker sees."""

from bot.cards.components import line
from bot.domain.records import ServiceSummary
from bot.locales import Texts


def service_line(summary: ServiceSummary | None, texts: Texts) -> str:
    """Open work orders, devices out of warranty. What is not known is left out; "" if nothing is."""
    return line(_work_orders(summary, texts), _devices(summary, texts)) if summary else ""


def _work_orders(summary: ServiceSummary, texts: Texts) -> str:
    count = summary.open_work_orders
    return "" if count is None else texts.related.open_work_orders(count)


def _devices(summary: ServiceSummary, texts: Texts) -> str:
    count, out = summary.devices, summary.devices_out_of_warranty
    if count is None or out is None:
        return ""
    if not summary.are_warranties_clear:
        return texts.related.devices_unclear(out, count)
    return texts.related.devices_out(out, count) if out else texts.related.devices_in(count)
