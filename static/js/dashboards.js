// Draws the charts of the back office from the JSON beside them. Every figure also stands in a table: without this
// script nothing is lost but the picture.
"use strict";

(() => {
  const language = document.documentElement.lang || "en";
  const drawn = [];

  function write(value, money, short) {
    const options = money ? { style: "currency", currency: "EUR" } : {};
    if (short) Object.assign(options, { maximumFractionDigits: 0, minimumFractionDigits: 0 });
    return new Intl.NumberFormat(language, options).format(value);
  }

  // Colours come from the style sheet: the legend's entries wear them.
  function paint(card) {
    const page = getComputedStyle(card);
    return {
      series: [...card.querySelectorAll(".legend li")].map((entry) => getComputedStyle(entry).color),
      ink: page.color,
      grid: page.getPropertyValue("border-top-color"),
    };
  }

  function dataset(series, number, data, colours) {
    const line = data.kind === "line" || number > 0;
    const colour = colours.series[number];
    return {
      type: line ? "line" : "bar",
      label: series.label,
      data: series.values.map((value) => (value === null ? null : Number(value))),
      backgroundColor: colour,
      borderColor: colour,
      borderWidth: line ? 2 : 0,
      borderRadius: 4,
      maxBarThickness: 34,
      pointRadius: data.labels.length > 31 ? 0 : 2.5,
      pointHoverRadius: 5,
      cubicInterpolationMode: "monotone",
      order: line ? 0 : 1,
      ...edge(series, colour),
    };
  }

  // The edges of a band: thin lines, and the room between them filled.
  function edge(series, colour) {
    if (series.role !== "lower" && series.role !== "upper") return {};
    const filled = series.role === "upper" ? { fill: "-1", backgroundColor: Chart.helpers.color(colour).alpha(0.16).rgbString() } : {};
    return { borderWidth: 1, borderDash: [4, 3], pointRadius: 0, ...filled };
  }

  function axes(data, colours) {
    const amounts = {
      beginAtZero: true,
      grid: { color: colours.grid },
      border: { display: false },
      ticks: { color: colours.ink, maxTicksLimit: 6, callback: (value) => write(value, data.money, true) },
    };
    const names = {
      grid: { display: false },
      border: { color: colours.grid },
      ticks: { color: colours.ink, maxRotation: 0, autoSkipPadding: 14 },
    };
    if (data.kind === "ranking") {
      names.ticks = { color: colours.ink, autoSkip: false, callback: (index) => shorten(data.labels[index]) };
      return { x: amounts, y: names };
    }
    return { x: names, y: amounts };
  }

  function shorten(text) {
    return text.length > 22 ? `${text.slice(0, 21)}…` : text;
  }

  function draw(card) {
    const data = JSON.parse(card.querySelector('script[type="application/json"]').textContent);
    const colours = paint(card);
    return new Chart(card.querySelector("canvas"), {
      data: {
        labels: data.labels,
        datasets: data.series.map((series, number) => dataset(series, number, data, colours)),
      },
      options: {
        indexAxis: data.kind === "ranking" ? "y" : "x",
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        interaction: { mode: "index", axis: data.kind === "ranking" ? "y" : "x", intersect: false },
        scales: axes(data, colours),
        plugins: {
          legend: { display: false },
          tooltip: {
            callbacks: {
              label: (item) => {
                const value = data.series[item.datasetIndex].values[item.dataIndex];
                return value === null ? "" : `${item.dataset.label}: ${write(value, data.money)}`;
              },
            },
          },
        },
      },
    });
  }

  function drawAll() {
    drawn.splice(0).forEach((chart) => chart.destroy());
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    for (const card of document.querySelectorAll("[data-chart]")) {
      if (card.querySelector("canvas")) drawn.push(draw(card));
    }
  }

  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
})();
