from playwright.sync_api import expect

# How many different colours a canvas shows: an empty one has one.
COLOURS = """canvas => {
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const seen = new Set();
    for (let i = 0; i < pixels.length; i += 4) seen.add(pixels.slice(i, i + 4).join());
    return seen.size;
}"""


def test_the_index_draws_its_charts(onlus, staff, visit):
    visitor = visit()

    page = visitor.enter_back_office(staff)
    expect(page.get_by_role("heading", name="Finance")).to_be_visible()
    canvases = page.locator(".chart canvas")

    expect(canvases).to_have_count(4)
    for canvas in canvases.all():
        page.wait_for_function(f"canvas => ({COLOURS})(canvas) > 5", arg=canvas.element_handle())
    assert visitor.complaints == []
    assert visitor.strangers == []


def test_the_table_under_a_chart_opens(onlus, staff, visit):
    page = visit().enter_back_office(staff)

    page.get_by_text("The same as a table").last.click()

    expect(page.get_by_role("cell", name="Il Sentiero Verde").first).to_be_visible()


def test_a_figure_leads_to_its_rows(onlus, staff, visit):
    page = visit().enter_back_office(staff)

    page.get_by_role("link", name="Given", exact=True).click()

    expect(page.locator("#result_list tbody tr")).to_have_count(4)


def test_charts_follow_the_theme(onlus, staff, visit):
    page = visit(color_scheme="light").enter_back_office(staff)
    words = "getComputedStyle(document.querySelector('.legend li')).color"
    light = page.evaluate(words)

    page.emulate_media(color_scheme="dark")

    page.wait_for_function(f"{words} !== '{light}'")
    bars = "Chart.getChart(document.querySelector('canvas')).data.datasets[0].backgroundColor"
    page.wait_for_function(f"{bars} === {words}")
