// Copy buttons for ids, digests and commands. Everything works without this file: where
// scripts are off, or the browser has no clipboard to write to, there are no buttons.
(() => {
  "use strict";
  const WHAT = ".command, .digest, .byline > code";
  const SHOWN_MS = 1500;
  if (!navigator.clipboard) return;

  const said = document.createElement("span"); // read out by screen readers
  said.className = "hidden";
  said.setAttribute("role", "status");

  function button(code) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "copy";
    made.title = "Copy";
    made.setAttribute("aria-label", `Copy ${code.textContent.slice(0, 80)}`);
    made.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        made.textContent = said.textContent = "Copied";
      } catch {
        made.textContent = said.textContent = "Not allowed";
      }
      setTimeout(() => { made.textContent = said.textContent = ""; }, SHOWN_MS);
    });
    return made;
  }

  function give() {
    for (const code of document.querySelectorAll(WHAT)) {
      if (code.nextElementSibling?.className !== "copy" && !code.closest("button, a"))
        code.after(button(code));
    }
  }

  document.body.append(said);
  give();
  document.addEventListener("htmx:after:swap", give);
})();
