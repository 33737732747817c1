"use strict";
// Fetches the page again and replaces in place what differs: focus and opened tables stay.
const [EVERY, SOON] = [15000, 3000]; // SOON: while there is nothing to see yet
const pause = document.getElementById("pause");
const lost = document.getElementById("lost");
let [paused, timer] = [false, 0];

const ids = (root) => [...root.querySelectorAll("[data-part]")].map((part) => part.id).join();
const withCopying = (root) => root.querySelectorAll("[data-copy]").forEach((it) => (it.hidden = false));

function renew(part, fresh) {
  for (const open of part.querySelectorAll("details[open]")) {
    fresh.querySelector("#" + open.id)?.setAttribute("open", "");
  }
  withCopying(fresh);
  if (part.innerHTML === fresh.innerHTML) return;
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  part.replaceChildren(...fresh.childNodes);
  if (focused) (document.getElementById(focused) ?? part).focus({ preventScroll: true });
}

async function refresh() {
  try {
    const answer = await fetch("/", { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const same = ids(document) === ids(fresh);
    for (const part of document.querySelectorAll(same ? "[data-part]" : "#facts")) {
      renew(part, fresh.getElementById(part.id));
    }
    [document.title, lost.hidden] = [fresh.title, true];
  } catch {
    lost.textContent = "Not refreshed: couponbus page was ended, or started again with another key.";
    lost.hidden = false;
  }
}

function plan() {
  clearTimeout(timer);
  const wait = document.querySelector(".tile") ? EVERY : SOON;
  if (!paused && !document.hidden) timer = setTimeout(() => refresh().finally(plan), wait);
}

pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  plan();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden || paused) plan();
  else refresh().finally(plan);
});
document.addEventListener("click", async ({ target }) => {
  const code = document.getElementById(target.dataset?.copy ?? "");
  if (code) await navigator.clipboard.writeText(code.textContent);
  if (code) target.textContent = "Copied";
});
[pause.hidden, document.getElementById("again").hidden] = [false, true];
withCopying(document);
plan();
