// Runs once in each HTML component: clicks become events, and what is new is brought into view.
const root = document.documentElement;
const page = document.getElementById("page");
const show = (view) => { page.dataset.view = view; };
// Where one place is shown at a time, the browser's own Back leads to the conversation.
const go = (view) => {
  const alone = element.ownerDocument.defaultView.matchMedia("(max-width: 1000px)").matches;
  if (view === "chat" && history.state?.view) { history.back(); return; }
  if (alone && view !== "chat" && view !== page.dataset.view) history.pushState({ view }, "");
  show(view);
};
window.addEventListener("popstate", (event) => show(event.state?.view || "chat"));

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act], [data-view]");
  if (!button || !element.contains(button)) return;
  if (button.dataset.view) go(button.dataset.view);
  if (button.dataset.act === "read") go("reader");
  if (button.dataset.act === "example") show("chat");
  if (button.dataset.view === "reader") window.dispatchEvent(new Event("source-opened"));
  if (button.dataset.act) trigger("act", { ...button.dataset });
});

const settle = () => {
  const head = element.querySelector("header[data-lang]");
  if (head) {
    root.lang = head.dataset.lang;
    document.title = head.querySelector("h1").textContent;
    document.querySelector("#ask .submit-button")?.setAttribute("aria-label", head.dataset.send);
  }
  const text = element.querySelector(".text");
  if (text) {
    const target = text.querySelector("mark.answer") || text.querySelector(".sentence")
      || text.querySelector(".passage");
    text.scrollTop = target
      ? target.getBoundingClientRect().top - text.getBoundingClientRect().top + text.scrollTop - text.clientHeight / 3
      : 0;
  }
  const turns = element.querySelectorAll(".turn");
  if (turns.length) {
    const pane = element.querySelector(".turns");
    const last = turns[turns.length - 1];
    pane.scrollTo({ top: last.offsetTop - pane.offsetTop - 12 });
  }
};
if (!page.dataset.view) show("chat");
watch("value", () => requestAnimationFrame(settle));
// On a narrow page the reader is laid out only once it is shown; a source opened again is scrolled to again.
let seen = element.offsetParent !== null;
new ResizeObserver(() => {
  const now = element.offsetParent !== null;
  if (now && !seen) settle();
  seen = now;
}).observe(element);
window.addEventListener("source-opened", () => { if (element.querySelector(".text")) settle(); });
settle();
