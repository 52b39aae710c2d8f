// The playground's server: what a person sees comes as server-sent events, and what they do is posted.

/** Tells `told.screen`, `told.traffic` and, whenever that changes, `told.connected`; `told.refused` at
 * the end. Returns what ends it. */
export function look(person, told) {
  const source = new EventSource(`/screen?person=${encodeURIComponent(person)}`);
  source.addEventListener("screen", (event) => told.screen(JSON.parse(event.data)));
  source.addEventListener("traffic", (event) => told.traffic(JSON.parse(event.data)));
  source.addEventListener("open", () => told.connected(true));
  source.addEventListener("error", () => {
    told.connected(false);
    if (source.readyState === EventSource.CLOSED) {
      told.refused();
    }
  });
  return () => source.close();
}

/** Throws an Error in words for the person where it cannot be done. */
export async function post(verb, asked) {
  const answer = await fetch(`/do/${verb}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(asked),
  });
  const told = answer.ok ? await answer.json() : { error: await answer.text() };
  if (told.error) {
    throw new Error(told.error);
  }
  return told;
}
