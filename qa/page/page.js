// Loaded once with the page, after SLOW_ACTS (qa/desk.py). Each HTML part of it calls articleQA with its own
// `element`, `dispatch`, `watch` and `upload`: clicks become events for the server; what comes new from it is brought into view.
window.articleQA = (element, dispatch, watch, upload) => {
const act = (clicked) => dispatch(clicked, SLOW_ACTS.includes(clicked.act));
const root = document.documentElement;
const page = document.getElementById("page");
const find = (selector) => document.querySelector(selector);
const show = (view) => { page.dataset.view = view; };
const alone = () => window.matchMedia("(max-width: 1000px)").matches;
// Where one place is shown at a time, the browser's own Back leads to the place before.
const go = (view) => {
  const depth = history.state?.depth || 0;
  if (view === "chat" && depth) { history.go(-depth); return; }
  if (alone() && view !== "chat" && view !== page.dataset.view) history.pushState({ view, depth: depth + 1 }, "");
  show(view);
};
const stored = (name, value) => {  // a browser may forbid storage altogether
  try {
    if (value === undefined) return localStorage.getItem(`article-qa:${name}`);
    if (value === null) localStorage.removeItem(`article-qa:${name}`);
    else localStorage.setItem(`article-qa:${name}`, value);
  } catch { /* nothing is kept then */ }
  return null;
};
const say = (text) => {
  const toast = find("#head .toast");
  if (!toast) return;
  toast.textContent = "";
  requestAnimationFrame(() => { toast.textContent = text; toast.classList.add("shown"); });
  clearTimeout(page.toasting);
  page.toasting = setTimeout(() => { toast.classList.remove("shown"); toast.textContent = ""; }, 4000);
};
const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // over plain http from another machine there is no clipboard
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(find("#head header").dataset.copied);
};
const here = () => location.origin + location.pathname;
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
};

/* the colours */
const paint = (theme) => {
  const dark = theme ? theme === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.body.classList.toggle("dark", dark);
};

/* conversations kept in this browser: their questions only, newest first */
const kept = () => { try { return JSON.parse(stored("kept") || "[]"); } catch { return []; } };
const keeps = () => stored("keep") === "yes";
const keep = () => {
  const questions = [...document.querySelectorAll("#chat .turn")].map((turn) => turn.dataset.question);
  if (!questions.length) { page.conversation = page.earlier = undefined; return; }
  if (find("#chat .waiting")) return;  // one that is being taken up again is still short
  if (!keeps()) return;
  page.conversation ||= String(Date.now());
  questions.unshift(...(page.earlier || []));
  const others = kept().filter((one) => one.id !== page.conversation);
  stored("kept", JSON.stringify([{ id: page.conversation, questions }, ...others].slice(0, 50)));
};
const listKept = (dialog) => {
  const list = dialog.querySelector(".kept");
  dialog.querySelector(".keep").checked = keeps();
  const items = kept().map((one) => {
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "inline" });
    const day = new Date(Number(one.id)).toLocaleDateString(root.lang);
    button.textContent = `${one.questions[0].slice(0, 80)} (${one.questions.length}) · ${day}`;
    button.dir = "auto";
    button.addEventListener("click", () => {
      dialog.close();
      page.conversation = one.id;
      page.earlier = one.questions.slice(0, -Number(list.dataset.most));  // kept, but not asked again
      act({ act: "resume", questions: JSON.stringify(one.questions) });
    });
    const gone = Object.assign(document.createElement("button"), { type: "button", className: "inline gone", textContent: "×" });
    gone.setAttribute("aria-label", `${list.dataset.remove}: ${one.questions[0].slice(0, 80)}`);
    gone.addEventListener("click", () => {
      stored("kept", JSON.stringify(kept().filter((other) => other.id !== one.id)));
      if (page.conversation === one.id) page.conversation = page.earlier = undefined;
      listKept(dialog);
      (list.querySelector("button") || dialog.querySelector("[data-close]")).focus();
    });
    item.append(button, gone);
    return item;
  });
  list.replaceChildren(...items);
  if (!items.length) list.textContent = list.dataset.empty;
};

/* uploads */
const send = async (box, files, isFolder) => {
  const { suffixes, mostFiles, mostBytes, uploading, tooMany, tooLarge, otherKind, leftOut, notUploaded } = box.dataset;
  const known = suffixes.split(" ");
  const fill = (text, ...values) => values.reduce((done, value) => done.replace("{}", value), text);
  const name = (file) => file.webkitRelativePath || file.name;
  const suffix = (file) => (file.name.match(/\.[^.]+$/) || [""])[0].toLowerCase();
  const refused = [];
  let chosen = [...files].filter((file) => !name(file).split("/").some((part) => part.startsWith(".")));
  const others = chosen.filter((file) => !known.includes(suffix(file)));
  if (isFolder) {
    if (others.length) refused.push([name(chosen[0]).split("/")[0], fill(leftOut, others.length)]);
  } else for (const file of others) refused.push([name(file), otherKind]);
  chosen = chosen.filter((file) => known.includes(suffix(file)));
  for (const file of chosen) if (file.size > Number(mostBytes)) refused.push([name(file), tooLarge]);
  chosen = chosen.filter((file) => file.size <= Number(mostBytes));
  if (chosen.length > Number(mostFiles)) {
    refused.push([name(chosen[0]).split("/")[0], fill(tooMany, mostFiles, chosen.length)]);
    chosen = [];
  }
  const sent = [];
  for (const file of chosen) {
    say(`${fill(uploading, file.name)} ${sent.length + 1} / ${chosen.length}`);
    try {
      const { path } = await upload(file);
      sent.push({ path, name: name(file) });
    } catch {
      refused.push([name(file), notUploaded]);
    }
  }
  act({ act: "upload", files: sent, refused });
};

/* what the server asks the browser to do */
const tasks = {
  say: ({ text }) => say(text),
  view: ({ view }) => go(view),
  focus: () => { go("chat"); find("#box textarea")?.focus(); },
  token: ({ token }) => {
    const age = token ? "" : "; Max-Age=0";
    document.cookie = `article-qa-manage=${token}; Path=${location.pathname}; SameSite=Strict${location.protocol === "https:" ? "; Secure" : ""}${age}`;
  },
  download: ({ files }) => {
    for (const { name, type, text } of files) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    }
  },
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button, summary");
  if (!button || !element.contains(button)) return;
  const data = button.dataset;
  if (data.copy !== undefined) { copy(data.copy); closeMenus(); return; }
  if (data.copyLink !== undefined) { copy(here() + data.copyLink); return; }
  if (data.skip !== undefined) { show("chat"); find("#box textarea")?.focus(); return; }
  if (data.theme !== undefined) {
    const theme = document.body.classList.contains("dark") ? "light" : "dark";
    stored("theme", theme);
    paint(theme);
    return;
  }
  if (data.open) {
    const dialog = element.querySelector(`dialog[data-name=${data.open}]`);
    if (data.open === "history") listKept(dialog);
    if (data.says) dialog.querySelector(".says").textContent = data.says;
    for (const taking of dialog.querySelectorAll("[data-takes]")) taking.dataset.id = data.id;
    dialog.showModal();
    return;
  }
  if (data.close !== undefined) button.closest("dialog").close();
  if (button.matches(".forget")) { stored("kept", null); listKept(button.closest("dialog")); return; }
  if (data.view) go(data.view);
  if (data.act === "read") go("reader");
  if (data.act === "example") show("chat");
  if (data.view === "reader") window.dispatchEvent(new Event("source-opened"));
  if (data.act === "lang") document.cookie = `article-qa-lang=${button.lang}; Path=${location.pathname}; SameSite=Strict`;
  if (data.act === "judge") {
    const was = button.getAttribute("aria-pressed") === "true";
    for (const thumb of button.parentElement.querySelectorAll("[data-good]")) {
      thumb.setAttribute("aria-pressed", String(thumb === button && !was));
    }
  }
  if (data.act) { closeMenus(); act({ ...data }); }
});

element.addEventListener("scroll", ({ target }) => {
  if (target.matches?.(".turns")) page.talkedAt = target.scrollTop;
}, true);

element.addEventListener("change", (event) => {
  const { target } = event;
  if (target.matches("select[data-act]")) act({ act: target.dataset.act, value: target.value });
  if (target.matches(".keep")) { stored("keep", target.checked ? "yes" : null); keep(); listKept(target.closest("dialog")); }
  if (target.matches(".uploads input[type=file]") && target.files.length) {
    send(target.closest(".uploads"), target.files, target.webkitdirectory).finally(() => { target.value = ""; });
  }
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  act({ act: form.dataset.act, ...Object.fromEntries(new FormData(form)) });
  form.reset();
  form.closest("dialog")?.close();
});

const follow = () => {
  const pane = element.querySelector(".turns");
  const last = pane?.querySelector(".turn:last-child");
  if (last) pane.scrollTo({ top: last.offsetTop - pane.offsetTop - 12 });
};

const settle = () => {
  const head = element.querySelector("header[data-lang]");
  if (head) {
    root.lang = head.dataset.lang;
    document.title = head.querySelector("h1").textContent;
  }
  const sent = find("#head header")?.dataset.send;
  if (sent) find("#box .submit-button")?.setAttribute("aria-label", sent);
  const text = element.querySelector(".text");
  if (text) {
    const target = text.querySelector("mark.answer") || text.querySelector(".sentence")
      || text.querySelector(".passage");
    text.scrollTop = target
      ? target.getBoundingClientRect().top - text.getBoundingClientRect().top + text.scrollTop - text.clientHeight / 3
      : 0;
  }
  const turns = element.querySelectorAll(".turn");
  const pane = element.querySelector(".turns");
  if (pane) {
    // Only what is new is brought into view; else one stays where one was.
    const last = turns[turns.length - 1];
    const state = `${turns.length} ${last?.dataset.question} ${Boolean(pane.querySelector(".waiting"))}`;
    if (last && state !== page.talked) {
      page.newAt = Date.now();
      follow();
    } else pane.scrollTo({ top: page.talkedAt || 0, behavior: "instant" });
    page.talked = state;
    keep();
  }
  const task = element.querySelector("output[data-task]");
  if (task && page.lastTask !== task.dataset.n) {
    page.lastTask = task.dataset.n;
    tasks[task.dataset.task](JSON.parse(task.textContent));
  }
};

// What belongs to the whole page, once.
if (!page.ready) {
  page.ready = true;
  paint(stored("theme"));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paint(stored("theme")));
  history.replaceState(null, "");  // a page that is loaded again keeps the state it had
  show(new URLSearchParams(location.search).get("article") ? "reader" : "chat");
  window.addEventListener("popstate", (event) => show(event.state?.view || "chat"));
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  const sent = () => {  // on a phone its keyboard would hide the answer
    if (matchMedia("(pointer: coarse)").matches) find("#box textarea").blur();
  };
  page.addEventListener("click", ({ target }) => { if (target.closest("#box .submit-button")) sent(); });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && event.target.closest?.("#box")) setTimeout(sent);
    if (event.key === "Escape") {
      closeMenus();
      if (!find("dialog[open]")) find(".turn.editing [data-act=cancel]")?.click();
    }
    const typing = event.target.closest?.("input, textarea, select, dialog");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      go("chat");
      find("#box textarea")?.focus();
    }
  });
}
// A change to the library, made elsewhere, is seen without loading the page again.
if (element.closest("#shelf")) {
  setInterval(async () => {
    const list = element.querySelector(".list");
    if (document.hidden || !list) return;
    try {
      const reply = await fetch(`${location.pathname.replace(/\/$/, "")}/healthz`);
      const { revision } = await reply.json();
      if (revision !== undefined && String(revision) !== list.dataset.revision) act({ act: "refresh" });
    } catch { /* the server is away; the next question will say so */ }
  }, 4000);
}
if (element.closest("#add")) {
  const shelf = document.getElementById("library");
  for (const kind of ["dragover", "drop"]) {
    shelf.addEventListener(kind, (event) => {
      const box = element.querySelector(".uploads");
      if (!box || ![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      if (kind === "drop") send(box, event.dataTransfer.files, false);
    });
  }
}
watch("value", () => requestAnimationFrame(settle));
// On a narrow page the reader is laid out only once it is shown; a source opened again is scrolled to again.
let seen = element.offsetParent !== null;
new ResizeObserver(() => {
  const now = element.offsetParent !== null;
  if (now && !seen) settle();
  else if (Date.now() - page.newAt < 4000) follow();  // what to ask next has taken room
  seen = now;
}).observe(element);
window.addEventListener("source-opened", () => { if (element.querySelector(".text")) settle(); });
settle();
};
