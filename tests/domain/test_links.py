"""Links to customers' pages: made from the template, and recognised by it in whatever spelling Slack has them."""

import html
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.links import CustomerLinks

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
OTHER = "05690412-5229-4a64-bbe5-970f90753f7f"
HEX = ID.replace("-", "")
TEMPLATE = "https://crm.example.com/customer/{customer_id}"
LINKS = CustomerLinks(TEMPLATE)

ITS_PAGE = {
    "as it is made": f"https://crm.example.com/customer/{ID}",
    "http": f"http://crm.example.com/customer/{ID}",
    "upper case": f"HTTPS://CRM.EXAMPLE.COM/CUSTOMER/{ID.upper()}",
    "without dashes": f"https://crm.example.com/customer/{HEX}",
    "with a slash": f"https://crm.example.com/customer/{ID}/",
    "a page of it": f"https://crm.example.com/customer/{ID}/orders/{OTHER}",
    "a query": f"https://crm.example.com/customer/{ID}?tab=1&from=slack",
    "a query as Slack has it": f"https://crm.example.com/customer/{ID}?tab=1&amp;from=slack",
    "a fragment": f"https://crm.example.com/customer/{ID}#orders",
}
ITS_PAGE_IN_OTHER_WORDS = {
    "Chinese, as browsers copy it": (
        "https://crm.example.com/客户/{customer_id}",
        "https://crm.example.com/%E5%AE%A2%E6%88%B7/{id}",
    ),
    "Chinese in a template of percent signs": (
        "https://crm.example.com/%E5%AE%A2%E6%88%B7/{customer_id}",
        "https://crm.example.com/客户/{id}",
    ),
    "a host in punycode": ("https://客户.example.com/{customer_id}", "https://xn--ubt06m.example.com/{id}"),
    "the other way round": ("https://xn--ubt06m.example.com/{customer_id}", "https://客户.example.com/{id}"),
    "the usual port": (TEMPLATE, "https://crm.example.com:443/customer/{id}"),
    "two slashes": (TEMPLATE, "https://crm.example.com//customer//{id}"),
    "a dot after the host": (TEMPLATE, "https://crm.example.com./customer/{id}"),
    "dashes in percent signs": (TEMPLATE, "https://crm.example.com/customer/" + ID.replace("-", "%2D")),
    "a parameter before it": (
        "https://crm.example.com/detail?id={customer_id}",
        "https://crm.example.com/detail?from=mail&id={id}",
    ),
    "parameters in another order": (
        "https://crm.example.com/?m=customer&id={customer_id}",
        "https://crm.example.com/?id={id}&m=customer",
    ),
    "another page of the customer": (
        "https://crm.example.com/customer/{customer_id}/view",
        "https://crm.example.com/customer/{id}/edit",
    ),
    "a parameter in a fragment": (
        "https://crm.example.com/#/detail?id={customer_id}",
        "https://crm.example.com/#/detail?tab=2&id={id}",
    ),
    "brackets": ("https://crm.example.com/c/[1]/{customer_id}", "https://crm.example.com/c/%5B1%5D/{id}"),
}
NOBODYS_PAGE = {
    "nothing": "",
    "no link": ID,
    "another page": f"https://crm.example.com/order/{ID}",
    "a page above": "https://crm.example.com/customer/",
    "a page below another": f"https://crm.example.com/x/customer/{ID}",
    "a customer number": "https://crm.example.com/customer/CF00000179",
    "another host": f"https://crm.example.org/customer/{ID}",
    "a host that ends alike": f"https://evilcrm.example.com/customer/{ID}",
    "a host that begins alike": f"https://crm.example.com.evil.example/customer/{ID}",
    "a host that any character fits": f"https://crmXexample.com/customer/{ID}",
    "the host as a user": f"https://crm.example.com@evil.example/customer/{ID}",
    "a user": f"https://me@crm.example.com/customer/{ID}",
    "the host as a path": f"https://evil.example/https://crm.example.com/customer/{ID}",
    "the link in a query": f"https://evil.example/?to=https://crm.example.com/customer/{ID}",
    "another protocol": f"ftp://crm.example.com/customer/{ID}",
    "a blank before it": f" https://crm.example.com/customer/{ID}",
    "a port": f"https://crm.example.com:8443/customer/{ID}",
    "a digit too many": f"https://crm.example.com/customer/{ID}0",
    "a letter too many": f"https://crm.example.com/customer/{ID}x",
    "a dash too many": f"https://crm.example.com/customer/{ID}-1",
    "a digit too few": f"https://crm.example.com/customer/{ID[:-1]}",
    "a digit that is none": f"https://crm.example.com/customer/{ID[:-1]}g",
    "a digit of another script": f"https://crm.example.com/customer/{ID[:-1]}٣",
}


@pytest.mark.parametrize("url", ITS_PAGE.values(), ids=ITS_PAGE.keys())
def test_link_to_a_customers_page_is_that_customers(url: str) -> None:
    assert LINKS.customer_id(url) == ID


@pytest.mark.parametrize(("template", "url"), ITS_PAGE_IN_OTHER_WORDS.values(), ids=ITS_PAGE_IN_OTHER_WORDS.keys())
def test_link_is_compared_as_an_address(template: str, url: str) -> None:
    assert CustomerLinks(template).customer_id(url.replace("{id}", ID)) == ID


@pytest.mark.parametrize("url", NOBODYS_PAGE.values(), ids=NOBODYS_PAGE.keys())
def test_link_to_anything_else_is_nobodys(url: str) -> None:
    assert LINKS.customer_id(url) is None


def test_url_is_the_template_with_the_id() -> None:
    assert LINKS.url(ID) == f"https://crm.example.com/customer/{ID}"


def test_without_a_template_there_are_no_links() -> None:
    for template in (None, ""):
        links = CustomerLinks(template)
        assert links.url(ID) == ""
        assert links.customer_id(f"https://crm.example.com/customer/{ID}") is None
        assert links.customer_id("") is None


TEMPLATES = {
    "a port": "https://crm.example.com:8443/customer/{customer_id}",
    "an address": "http://10.0.0.7:8080/{customer_id}",
    "http": "http://crm.example.com/customer/{customer_id}",
    "upper case": "HTTPS://CRM.example.com/Customer/{customer_id}",
    "a parameter": "https://crm.example.com/detail?id={customer_id}",
    "parameters": "https://crm.example.com/detail?space=1&id={customer_id}&tab=2",
    "parameters that look like characters": "https://crm.example.com/detail?x=1&region=2&copy={customer_id}&lt=3",
    "a fragment": "https://crm.example.com/#/customer/detail?customerId={customer_id}",
    "more behind it": "https://crm.example.com/c/{customer_id}/index.html",
    "Chinese": "https://crm.example.com/客户/{customer_id}",
    "signs of an expression": "https://crm.example.com/(a|b)+[c].*$^\\d/{customer_id}?x=(?P=y",
    "braces": "https://crm.example.com/{0}/{tenant}/{customer_id}",
    "percent signs": "https://crm.example.com/%7B%E5%AE%A2%s/{customer_id}",
}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_every_template_recognises_what_it_makes(template: str) -> None:
    """As it is, and with Slack's escapes."""
    links = CustomerLinks(template)
    url = links.url(ID)
    assert url.count(ID) == 1
    assert "{customer_id}" not in url
    for spelling in (url, html.escape(url, quote=False), url.replace(ID, ID.upper()), url.replace(ID, HEX)):
        assert links.customer_id(spelling) == ID
    assert links.customer_id(url.replace(ID, OTHER)) == OTHER


@pytest.mark.parametrize(
    ("template", "url"),
    [
        (TEMPLATES["a port"], f"https://crm.example.com/customer/{ID}"),
        (TEMPLATES["a port"], f"https://crm.example.com:8444/customer/{ID}"),
        (TEMPLATES["a port"], f"https://crm.example.com:84430/customer/{ID}"),
        (TEMPLATES["a parameter"], f"https://crm.example.com/detailXid={ID}"),
        (TEMPLATES["a parameter"], f"https://crm.example.com/detail?parent={ID}"),
        (TEMPLATES["a parameter"], f"https://crm.example.com/order?id={ID}"),
        (TEMPLATES["parameters"], f"https://crm.example.com/detail?space=2&id={ID}&tab=2"),
        (TEMPLATES["signs of an expression"], f"https://crm.example.com/ab[c].*$^\\d/{ID}"),
    ],
)
def test_template_is_taken_at_its_word(template: str, url: str) -> None:
    assert CustomerLinks(template).customer_id(url) is None


@given(guid=st.uuids(), after=st.sampled_from(["", "/", "?a=1", "?a=1&amp;b=2", "#x", "/orders", " ", "."]))
def test_every_customers_page_is_recognised(guid: uuid.UUID, after: str) -> None:
    assert LINKS.customer_id(LINKS.url(str(guid)) + after) == str(guid)


@given(st.text(st.characters(exclude_categories=[])) | st.sampled_from([*ITS_PAGE.values(), *NOBODYS_PAGE.values()]))
def test_any_text_is_a_customers_page_or_none(url: str) -> None:
    customer_id = LINKS.customer_id(url)
    assert customer_id is None or str(uuid.UUID(customer_id)) == customer_id


@given(st.text("https:/crm.example?&=#()[]{}*+\\$^客", max_size=40))
def test_any_template_is_only_a_text(part: str) -> None:
    links = CustomerLinks("https://crm.example.com/" + part.replace("{customer_id}", "") + "{customer_id}")
    assert links.customer_id(links.url(ID)) == ID


@pytest.mark.parametrize("piece", ["&amp;", "https://crm.example.com/customer/", ID, HEX[:-1], "-", "&"])
def test_hostile_link_is_read_in_no_time(piece: str) -> None:
    began = time.process_time()
    LINKS.customer_id("https://crm.example.com/customer/" + piece * 20_000)
    LINKS.customer_id(piece * 20_000)
    assert time.process_time() - began < 0.5
