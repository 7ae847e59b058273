// The page of a webhook endpoint: while a test event is on its way, its result is asked for.
const EVERY = 1_000;
const AT_MOST = 90;

async function look(times) {
  const shown = document.getElementById("tests");
  if (!shown?.dataset.again || times === 0) return;
  try {
    const answer = await fetch(shown.dataset.again, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) show(shown, await fragment(answer));
  } catch {
    // The line is cut: the next look may be luckier.
  }
  setTimeout(look, EVERY, times - 1);
}

// The section itself stays: it is a live region, whose changes are read out.
function show(section, fresh) {
  if (fresh.dataset.again) return;
  delete section.dataset.again;
  section.replaceChildren(...fresh.childNodes);
}

async function fragment(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.getElementById("tests");
}

look(AT_MOST);
