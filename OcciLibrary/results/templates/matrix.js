"use strict";
(() => {
  const form = document.getElementById("filter");
  const sites = [...document.querySelectorAll("tbody.site")];
  const names = new Set(sites.map((body) => body.dataset.site));

  // Without this script everything is shown; with it the steps are one click deeper.
  for (const button of document.querySelectorAll("button.more")) {
    const steps = document.getElementById(button.getAttribute("aria-controls"));
    const show = (open) => {
      steps.hidden = !open;
      button.setAttribute("aria-expanded", String(open));
    };
    button.hidden = false;
    show(false);
    button.addEventListener("click", () => show(steps.hidden));
  }
  // So are the groups beyond the first; in print they are open.
  const folds = [...document.querySelectorAll("details.fold")];
  for (const fold of folds) fold.open = false;
  addEventListener("beforeprint", () => folds.forEach((fold) => (fold.open = true)));
  form.hidden = false;

  const has = (element, wanted) =>
    wanted.some((verdict) => element.dataset.verdicts.split(" ").includes(verdict));

  function apply() {
    const data = new FormData(form);
    const verdicts = data.getAll("verdict");
    const part = data.get("site").trim().toLowerCase();
    const tester = data.get("tester");
    const implementation = data.get("implementation");
    const found = new Set();
    for (const body of sites) {
      const fits =
        (!part || body.dataset.site.includes(part)) &&
        (!tester || body.dataset.testers.split(" ").includes(tester)) &&
        (!implementation || body.dataset.implementation === implementation) &&
        (!verdicts.length || has(body, verdicts));
      body.hidden = !fits;
      if (fits) found.add(body.dataset.site);
      for (const item of body.querySelectorAll("td[data-verdicts], li[data-verdicts]")) {
        item.classList.toggle("dim", verdicts.length > 0 && !has(item, verdicts));
      }
    }
    // Whoever looks for a verdict is not to miss it in a group that is closed.
    for (const fold of folds) {
      if (verdicts.length) fold.open = fold.querySelector("tbody.site:not([hidden])") !== null;
    }
    document.getElementById("shown").textContent = `${found.size} of ${names.size} sites shown`;
  }

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  apply();
})();
