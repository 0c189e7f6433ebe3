// SPDX-License-Identifier: Apache-2.0
// Classes of colour and the theme. Colours themselves are in the style sheet.
const kEdges = [0.25, 0.35, 0.5, 0.71, 0.9, 1, 1.11, 1.41, 2, 2.83, 4];
const colourOf = d3.scaleThreshold().domain(kEdges).range(d3.range(kEdges.length + 1));
const stackColour = (s) => {
  const i = lowStacks.indexOf(s);
  return i < 0 ? "var(--anchor)" : `var(--s${i % 8})`;
};

function legendOf(measure) {
  const legend = d3.select("#legend");
  legend.html("");
  const width = 26;
  const svg = legend.append("span").append("svg").attr("width", width * (kEdges.length + 1) + 44).attr("height", 34)
    .attr("role", "img").attr("aria-label", `Colours: ${measure.label} against 16 bit, from a quarter to four times`);
  svg.selectAll("rect").data(d3.range(kEdges.length + 1)).join("rect")
    .attr("class", (k) => `k${k}`).attr("x", (k) => 22 + k * width).attr("width", width).attr("height", 14);
  const named = {0.25: "¼×", 0.5: "½×", 1: "equal", 2: "2×", 4: "4×"};
  svg.selectAll("text").data(kEdges).join("text").attr("class", "quiet").attr("text-anchor", "middle")
    .attr("x", (edge, k) => 22 + (k + 1) * width).attr("y", 28).text((edge) => named[edge] || "");
  const entry = (draw, words) => {
    const span = legend.append("span");
    draw(span.append("svg").attr("width", 24).attr("height", 16).attr("aria-hidden", "true"));
    span.append("span").text(words);
  };
  entry((g) => g.append("rect").attr("class", "hatched").attr("width", 22).attr("height", 15), "does not fit, or no such kernels");
  entry((g) => {
    g.append("path").attr("class", "nstar").attr("d", "M0,8H22");
    g.append("circle").attr("class", "nstar-dot").attr("cx", 11).attr("cy", 8).attr("r", 3.2);
  }, "N*: equal, found by root search");
  if (data.draws) {
    entry((g) => g.append("rect").attr("class", "nstar-band").attr("y", 1).attr("width", 22).attr("height", 14),
      `where N* lies in 9 of 10 of the draws that have it, of ${data.draws}; hollow dot: half of them or fewer have it`);
  }
  entry((g) => g.append("path").attr("class", "contour equal").attr("d", "M0,8H22"), "equal, between cells");
  entry((g) => g.append("path").attr("class", "contour").attr("d", "M0,8H22"), `equal ${measure.label} ratios`);
  entry((g) => g.append("path").attr("d", "M14,1h8v8z").attr("fill", "var(--ink)").attr("class", "corner"), "16 bit itself does not fit: compared as if it did");
  const marks = legend.append("span");
  for (const [mark, words] of [["L", "slower, yet less energy"], ["E", "faster, yet more energy"], ["a", "more energy per right answer only"]]) {
    marks.append("b").text(mark);
    marks.append("span").text(words);
  }
}

// Light, dark, or as the system has it.
function setUpTheme() {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const label = () => { button.textContent = dark() ? "Light" : "Dark"; button.setAttribute("aria-label", `Switch to the ${dark() ? "light" : "dark"} theme`); };
  try { root.dataset.theme = localStorage.getItem("hopsim-theme") || ""; } catch (e) { /* no storage: the system's theme */ }
  if (!root.dataset.theme) delete root.dataset.theme;
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("hopsim-theme", root.dataset.theme); } catch (e) { /* lasts as long as the page */ }
    label();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
  label();
}
